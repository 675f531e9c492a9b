import { hash } from 'node:crypto';
import { allow, type Decision, type Digest, refuse } from '@interlock/domain';
import canonicalize from 'canonicalize';

/**
 * Canonical bytes of a JSON value (RFC 8785, JCS). Throws for what JSON cannot carry exactly: undefined, NaN, infinities,
 * integers beyond 2^53 and unpaired surrogates would read differently at the other side.
 */
export function canonicalBytes(value: unknown): Buffer {
  const sorted = inOrder(value);
  const text = sorted === ODD ? slowly(value) : JSON.stringify(sorted);
  if (text === undefined) throw new TypeError('only JSON values have canonical bytes');
  return Buffer.from(text, 'utf8');
}

/** For what the engine's own writer would order or read otherwise: numeric names, values that write themselves, undefined members. */
function slowly(value: unknown): string | undefined {
  assertExact(value);
  return canonicalize(value);
}

const ODD = Symbol('odd');
const NUMERIC_NAME = /^\d+$/;
/** A name that is neither numeric nor special nor anything but text: almost all of them. */
const PLAIN_NAME = /^[A-Za-z][A-Za-z0-9]*$/;

/**
 * The value with the members of its objects in the order of RFC 8785, the same object where they are already: then the engine's own JSON writer, which
 * the RFC takes numbers and strings from, writes the canonical text. Several times quicker than writing it member by member.
 */
function inOrder(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      assertExact(value);
      return value;
    case 'number':
      assertExact(value);
      return Number.isFinite(value) ? value : ODD;
    case 'object':
      if (value === null) return value;
      return Array.isArray(value) ? listInOrder(value) : membersInOrder(value as Record<string, unknown>);
    default:
      return ODD;
  }
}

function listInOrder(list: readonly unknown[]): unknown {
  let copy: unknown[] | undefined;
  for (let at = 0; at < list.length; at++) {
    const item = inOrder(list[at]);
    if (item === ODD) return ODD;
    if (item !== list[at]) copy ??= list.slice(0, at);
    if (copy) copy[at] = item;
  }
  return copy ?? list;
}

function membersInOrder(value: Record<string, unknown>): unknown {
  const prototype: unknown = Object.getPrototypeOf(value);
  if ('toJSON' in value || (prototype !== Object.prototype && prototype !== null)) return ODD;
  const names = Object.keys(value);
  let same = isSorted(names);
  if (!same) names.sort();
  const ordered: Record<string, unknown> = {};
  for (const name of names) {
    // The engine puts numeric names first, whatever order they were written in.
    if (!PLAIN_NAME.test(name)) {
      if (NUMERIC_NAME.test(name) || name === '__proto__') return ODD;
      assertExact(name);
    }
    const item = inOrder(value[name]);
    if (item === ODD) return ODD;
    if (item !== value[name]) same = false;
    ordered[name] = item;
  }
  return same ? value : ordered;
}

/** By UTF-16 units, as the RFC asks and as strings compare. */
const isSorted = (names: readonly string[]): boolean =>
  names.every((name, at) => at === 0 || (names[at - 1] as string) < name);

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

export const digestOfBytes = (bytes: Uint8Array): Digest => `sha256:${hash('sha256', bytes, 'base64url')}` as Digest;

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
