import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { nkeys } from '@nats-io/transport-node';
import fc from 'fast-check';
import { base32, decodePublicKey, deriveNkey, encodeSeed, type NkeyKind, nkeyFromSeed, verifyNkey } from './nkeys.js';

const kinds = ['operator', 'account', 'user'] as const;

describe('keys in their text form', () => {
  it.each(kinds)('an %s key made here is the same key to the client library, and signs the same', (kind) => {
    const seed = randomBytes(32);
    const ours = nkeyFromSeed(kind, seed);
    const theirs = nkeys.fromSeed(Buffer.from(encodeSeed(kind, seed)));
    expect(ours.publicKey).toBe(theirs.getPublicKey());
    const data = randomBytes(40);
    expect(ours.sign(data)).toEqual(Buffer.from(theirs.sign(data)));
    expect(verifyNkey(kind, theirs.getPublicKey(), data, theirs.sign(data))).toBe(true);
  });

  it('are read only as the kind they are', () => {
    for (const kind of kinds) {
      const { publicKey } = nkeyFromSeed(kind, randomBytes(32));
      for (const other of kinds) expect(decodePublicKey(other, publicKey) !== undefined).toBe(other === kind);
    }
  });

  it('are refused after any change of one letter, and for any other text', () => {
    const { publicKey } = nkeyFromSeed('user', Buffer.alloc(32, 3));
    const change = fc.tuple(fc.nat(55), fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 'a', '1', '=', ' '));
    fc.assert(
      fc.property(change, ([at, letter]) => {
        const changed = publicKey.slice(0, at) + letter + publicKey.slice(at + 1);
        return changed === publicKey || decodePublicKey('user', changed) === undefined;
      }),
    );
    fc.assert(fc.property(fc.string({ maxLength: 80 }), (text) => decodePublicKey('user', text) === undefined));
  });

  it('follow RFC 4648 without padding', () => {
    const vectors = { f: 'MY', fo: 'MZXQ', foo: 'MZXW6', foob: 'MZXW6YQ', fooba: 'MZXW6YTB', foobar: 'MZXW6YTBOI' };
    for (const [text, encoded] of Object.entries(vectors)) expect(base32(Buffer.from(text))).toBe(encoded);
  });
});

describe('keys derived from a secret', () => {
  it('are the same again, and others for another secret, kind or label', () => {
    const [one, two] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const key = (secret: Buffer, kind: NkeyKind, label: string) => deriveNkey(secret, kind, label).publicKey;
    expect(key(one, 'account', 'x')).toBe(key(one, 'account', 'x'));
    const others = [
      key(one, 'account', 'x'),
      key(two, 'account', 'x'),
      key(one, 'account', 'y'),
      key(one, 'user', 'x'),
    ];
    expect(new Set(others.map((each) => each.slice(1))).size).toBe(4);
    expect(() => deriveNkey(Buffer.alloc(31), 'account', 'x')).toThrow(/randomBytes/);
  });
});
