// One signed document in the middle of others, or one token, altered everywhere.

import type { Signed } from '@interlock/domain';
import { canonicalBytes, parseCanonical } from '@interlock/proof';
import { type Altered, alterations } from './alter.js';

/** Where a document stands in what is shown, and what is shown with another in its place. */
export interface Place {
  readonly name: string;
  readonly real: Signed<unknown>;
  readonly put: (altered: unknown) => unknown;
}

export function* everyField({ real }: Place) {
  for (const { at, value } of alterations(real.document)) yield { at, value: { ...real, document: value } };
}

const withBlock = (real: Signed<unknown>, at: number, over: object) => ({
  ...real,
  signatures: real.signatures.map((own, nth) => (nth === at ? { ...own, ...over } : own)),
});

export function* everyHeader({ real }: Place) {
  for (const [nth, block] of real.signatures.entries()) {
    const fields = parseCanonical(Buffer.from(block.protected, 'base64url'));
    if (!fields.allowed) throw new Error('an honest header is canonical');
    const named = [
      { at: 'alg none', value: { ...(fields.value as object), alg: 'none' } },
      { at: 'alg of another key', value: { ...(fields.value as object), alg: 'ES256' } },
      { at: 'key brought along', value: { ...(fields.value as object), jwk: {} } },
    ];
    for (const { at, value } of [...alterations(fields.value), ...named])
      yield { at: `signature ${nth} ${at}`, value: withBlock(real, nth, { protected: spelt(value) }) };
  }
}

function spelt(value: unknown): string {
  try {
    return canonicalBytes(value).toString('base64url');
  } catch {
    return Buffer.from(JSON.stringify(value)).toString('base64url');
  }
}

export function* everySignature({ real }: Place) {
  for (const [nth, block] of real.signatures.entries()) {
    const bytes = Buffer.from(block.signature, 'base64url');
    for (const at of bytes.keys()) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      yield {
        at: `signature ${nth} byte ${at}`,
        value: withBlock(real, nth, { signature: flipped.toString('base64url') }),
      };
    }
    yield {
      at: `without signature ${nth}`,
      value: { ...real, signatures: real.signatures.filter((_o, at) => at !== nth) },
    };
  }
}

/** Every letter of a token. The last letter of a signature has bits that no byte takes: another spelling of it must be refused as well. */
export function* everyLetter(text: string): Generator<Altered> {
  for (let at = 0; at < text.length; at++) {
    const other = text[at] === 'A' ? 'E' : 'A';
    yield { at: `letter ${at}`, value: `${text.slice(0, at)}${other}${text.slice(at + 1)}` };
  }
}
