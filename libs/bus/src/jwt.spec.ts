import { randomBytes } from 'node:crypto';
import { nkeyFromSeed } from '@interlock/proof';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { accountClaims, mergeRevocations, REVOCATION_SECONDS, saysWhat } from './account-claims.js';
import { signAccountJwt, signUserJwt, USER_JWT_MAX_BYTES, UserJwtTooLarge, verifyBusJwt } from './jwt.js';
import { regionKeys } from './region-keys.js';

const keys = regionKeys(Buffer.alloc(32, 5));
const operator = keys.operatorSigner;
const anAccount = () => {
  const account = { name: 'a', publicKey: keys.accountKeys('a').publicKey, imports: [] };
  return accountClaims(account, keys, {}, 1_000);
};
const { signer, publicKey: issuer } = keys.accountKeys('a');
const aUser = (nats: object = {}) => ({
  name: 'u',
  sub: nkeyFromSeed('user', Buffer.alloc(32, 9)).publicKey,
  iat: 1_000,
  exp: 1_300,
  nats: {
    ...{ issuer_account: issuer, pub: { allow: ['a'] as const }, sub: { allow: ['b'] as const } },
    ...{ subs: 1, data: -1, payload: 1, allowed_connection_types: ['STANDARD'] as const },
    ...nats,
  },
});

describe('an account JWT is not signed', () => {
  it.each(Object.keys(anAccount().nats.limits))('without the limit %s', (limit) => {
    const { nats, ...rest } = anAccount();
    const limits = { ...nats.limits, [limit]: undefined } as never;
    expect(() => signAccountJwt({ ...rest, nats: { ...nats, limits } }, operator)).toThrow(/must not be signed/);
  });

  it('with an export that any account may import, or defaults that allow everything', () => {
    const { nats, ...rest } = anAccount();
    const open = {
      name: 'x',
      type: 'service',
      subject: 'x',
      response_type: 'Singleton',
      account_token_position: 0,
    } as const;
    expect(() => signAccountJwt({ ...rest, nats: { ...nats, exports: [open] } }, operator)).toThrow(/open to all/);
    const defaults = { pub: { allow: [] as never }, sub: { allow: ['x'] as const } };
    expect(() => signAccountJwt({ ...rest, nats: { ...nats, default_permissions: defaults } }, operator)).toThrow(
      /every/,
    );
  });

  it('by a key that is no operator key', () => {
    expect(() => signAccountJwt(anAccount(), signer)).toThrow(/by the operator/);
  });
});

describe('a user JWT is not signed', () => {
  it.each([
    ['without a limit', { subs: undefined }],
    ['with an empty list, which the server reads as everything', { pub: { allow: [] } }],
    ['with a deny list', { sub: { allow: ['a'], deny: ['b'] } }],
    ['as a bearer token', { bearer_token: true }],
    ['even as none, written down', { bearer_token: false }],
  ])('%s', (_why, nats) => {
    expect(() => signUserJwt(aUser(nats) as never, signer)).toThrow(/must not be signed/);
  });

  it('without an end after its beginning, or by another kind of key', () => {
    expect(() => signUserJwt({ ...aUser(), exp: 1_000 }, signer)).toThrow(/ends before/);
    expect(() => signUserJwt(aUser(), operator)).toThrow(/by their account/);
  });

  it('one byte over what can connect', () => {
    const sized = (length: number) => {
      try {
        return signUserJwt(aUser({ tags: ['x'.repeat(length)] }), signer).length;
      } catch (error) {
        if (error instanceof UserJwtTooLarge) return error.bytes;
        throw error;
      }
    };
    const sizes = Array.from({ length: 200 }, (_, extra) => sized(2_000 + extra));
    expect(Math.min(...sizes)).toBeLessThanOrEqual(USER_JWT_MAX_BYTES);
    expect(Math.max(...sizes)).toBeGreaterThan(USER_JWT_MAX_BYTES);
    const fits = 2_000 + sizes.findIndex((size) => size > USER_JWT_MAX_BYTES) - 1;
    expect(signUserJwt(aUser({ tags: ['x'.repeat(fits)] }), signer).length).toBeLessThanOrEqual(USER_JWT_MAX_BYTES);
    expect(() => signUserJwt(aUser({ tags: ['x'.repeat(fits + 1)] }), signer)).toThrow(UserJwtTooLarge);
  });
});

describe('a JWT of the bus', () => {
  const jwt = signAccountJwt(anAccount(), operator);

  it('is read with the right signer and kind alone', () => {
    expect(verifyBusJwt('account', jwt, 'operator', [operator.publicKey])?.sub).toBe(anAccount().sub);
    expect(verifyBusJwt('user', jwt, 'operator', [operator.publicKey])).toBeUndefined();
    expect(verifyBusJwt('account', jwt, 'account', [operator.publicKey])).toBeUndefined();
    expect(
      verifyBusJwt('account', jwt, 'operator', [nkeyFromSeed('operator', randomBytes(32)).publicKey]),
    ).toBeUndefined();
  });

  it('is nothing after any change of a byte, and no text makes the reader throw', () => {
    fc.assert(
      fc.property(fc.nat(jwt.length - 1), fc.constantFrom(...'Ab3-_.'), (at, letter) => {
        const changed = jwt.slice(0, at) + letter + jwt.slice(at + 1);
        const read = verifyBusJwt('account', changed, 'operator', [operator.publicKey]);
        // The last letter of a signature carries unused bits, so another letter may mean the same bytes.
        return changed === jwt || at === jwt.length - 1 || read === undefined;
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => verifyBusJwt('account', text, 'operator', [text]) === undefined));
    fc.assert(
      fc.property(fc.json(), (body) => {
        const text = `${jwt.split('.')[0]}.${Buffer.from(body).toString('base64url')}.AAAA`;
        return verifyBusJwt('account', text, 'operator', [operator.publicKey]) === undefined;
      }),
    );
  });

  it('says the same in another order of its members, and another thing with another value', () => {
    const claims = anAccount();
    const turned = { ...claims, nats: Object.fromEntries(Object.entries(claims.nats).reverse()) as never };
    expect(saysWhat(turned)).toBe(saysWhat(claims));
    expect(saysWhat({ ...claims, iat: 7 })).toBe(saysWhat(claims));
    expect(saysWhat({ ...claims, nats: { ...claims.nats, revocations: { U: 1 } } })).not.toBe(saysWhat(claims));
  });
});

describe('revocations', () => {
  it('are never lost while a JWT from before them can live, and then are', () => {
    const now = 10_000;
    expect(mergeRevocations({ U: now - 10 }, {}, now)).toEqual({ U: now - 10 });
    expect(mergeRevocations({ U: now - 10 }, { U: now - 20, V: now }, now)).toEqual({ U: now - 10, V: now });
    expect(mergeRevocations({ U: now - REVOCATION_SECONDS + 1 }, {}, now)).toEqual({ U: now - REVOCATION_SECONDS + 1 });
    expect(mergeRevocations({ U: now - REVOCATION_SECONDS }, {}, now)).toEqual({});
    expect(mergeRevocations('nonsense', {}, now)).toEqual({});
  });
});
