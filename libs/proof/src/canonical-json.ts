import { createHash } from 'node:crypto';
import { allow, type Decision, type Digest, refuse } from '@interlock/domain';
import canonicalize from 'canonicalize';

/**
 * Canonical bytes of a JSON value (RFC 8785, JCS). Throws for what JSON cannot carry exactly: undefined, NaN, infinities,
 * integers beyond 2^53 and unpaired surrogates would read differently at the other side.
 */
export function canonicalBytes(value: unknown): Buffer {
  assertExact(value);
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('only JSON values have canonical bytes');
  return Buffer.from(text, 'utf8');
}

function assertExact(value: unknown): void {
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new TypeError('a whole number beyond 2^53 is not exact');
  }
  if (typeof value === 'string' && !value.isWellFormed())
    throw new TypeError('a string with an unpaired surrogate is not text');
  if (Array.isArray(value)) for (const item of value) assertExact(item);
  else if (value !== null && typeof value === 'object') {
    for (const [name, item] of Object.entries(value)) {
      assertExact(name);
      assertExact(item);
    }
  }
}

/** `sha256:` of the canonical bytes. The document's `typ` is inside, so no two kinds share a digest. */
export const digestOf = (value: unknown): Digest => digestOfBytes(canonicalBytes(value));

export const digestOfBytes = (bytes: Uint8Array): Digest =>
  `sha256:${createHash('sha256').update(bytes).digest('base64url')}` as Digest;

/**
 * Parses JSON that must already be canonical: duplicate members, other spellings of a number, spaces and a byte order mark
 * are refused, so that what was hashed is what is read.
 */
export function parseCanonical(bytes: Uint8Array): Decision<unknown, 'not_json' | 'not_canonical'> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return refuse('not_json');
  }
  try {
    return canonicalBytes(value).equals(bytes) ? allow(value) : refuse('not_canonical');
  } catch {
    return refuse('not_canonical');
  }
}
