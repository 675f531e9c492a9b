import { sign } from 'node:crypto';
import type { PublicJwk } from '@interlock/domain';
import { describe, expect, it } from '@jest/globals';
import { keyObjectOf, newPrivateKey, publicJwkOf, verifiesUnder } from './keys.js';

/** The prime of P-256 (SEC 2, section 2.4.2). */
const P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
/** The other point with the same x: what it would verify is signed by another key. */
function mirrored(key: PublicJwk): PublicJwk {
  if (key.kty !== 'EC') throw new Error('not a point of a curve with two halves');
  const y = BigInt(`0x${Buffer.from(key.y, 'base64url').toString('hex')}`);
  return { ...key, y: Buffer.from((P - y).toString(16).padStart(64, '0'), 'hex').toString('base64url') };
}

describe('a key that was read before', () => {
  const bytes = Buffer.from('bytes');

  it('is told from every other: by its curve, and by each half of its point', () => {
    const own = newPrivateKey('P-256');
    const key = publicJwkOf(own);
    const signature = sign('sha256', bytes, { key: own, dsaEncoding: 'ieee-p1363' });
    expect(verifiesUnder(key, bytes, signature)).toBe(true);
    expect(verifiesUnder(mirrored(key), bytes, signature)).toBe(false);
    expect(verifiesUnder(key, bytes, signature)).toBe(true);
    const edwards = publicJwkOf(newPrivateKey());
    expect(keyObjectOf(edwards).asymmetricKeyType).toBe('ed25519');
    expect(keyObjectOf({ ...edwards, crv: 'X25519' } as PublicJwk).asymmetricKeyType).toBe('x25519');
  });

  it('is no other after more keys than are kept, and one that is on no curve is none each time', () => {
    const first = publicJwkOf(newPrivateKey());
    const before = keyObjectOf(first);
    for (let nth = 0; nth < 1_100; nth += 1) {
      const x = Buffer.alloc(32, nth % 256);
      x.writeUInt16BE(nth, 0);
      keyObjectOf({ kty: 'OKP', crv: 'X25519', x: x.toString('base64url') } as PublicJwk);
    }
    expect(keyObjectOf(first)).not.toBe(before);
    expect(keyObjectOf(first).equals(before)).toBe(true);
    const nowhere = {
      ...publicJwkOf(newPrivateKey('P-256')),
      x: Buffer.alloc(32, 1).toString('base64url'),
    } as PublicJwk;
    for (const _ of [1, 2]) expect(() => keyObjectOf(nowhere)).toThrow();
  });
});
