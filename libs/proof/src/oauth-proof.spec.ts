import { createHmac, createPublicKey, type KeyObject } from 'node:crypto';
import type { PublicJwk } from '@interlock/domain';
import { describe, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { newPrivateKey, publicJwkOf, thumbprintOf } from './keys.js';
import { peekClient, saysLoginProof, verifyClientAssertion, verifyDpop } from './oauth-proof.js';

const NOW = 1_800_000_000_000;
const at = NOW / 1000;
const url = 'https://broker.example/oauth/token';
const issuer = 'https://broker.example';
const client = 'plant.example/plant-gateway';
const [key, other, p256, sealing] = [
  newPrivateKey(),
  newPrivateKey(),
  newPrivateKey('P-256'),
  newPrivateKey('X25519'),
] as const;
const jwk = publicJwkOf(key);
const jti = 'a-jti-of-its-own';
const sign = (claims: object, header: object, by: KeyObject = key) =>
  new SignJWT({ ...claims }).setProtectedHeader({ alg: 'EdDSA', ...header }).sign(by);
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
/** Signed with the bytes of the public key as the secret of an HMAC: a verifier that obeys `alg` takes it. */
function confused(claims: object, header: object): string {
  const input = `${part({ ...header, alg: 'HS256' })}.${part(claims)}`;
  const secret = createPublicKey(key).export({ type: 'spki', format: 'pem' });
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

describe('a DPoP proof (RFC 9449)', () => {
  const claims = { jti, htm: 'POST', htu: url, iat: at };
  const header = { typ: 'dpop+jwt', jwk };
  const verify = (proof: string, now = NOW) => verifyDpop(proof, { method: 'POST', url }, now);
  const made = (over: object = {}, head: object = {}, by?: KeyObject) =>
    sign({ ...claims, ...over }, { ...header, ...head }, by);

  it('shows who holds a key, under both names of its algorithm, and with P-256', async () => {
    const yes = { allowed: true, value: { kid: thumbprintOf(jwk), jti, expiresAt: NOW + 60_000 } };
    expect(await verify(await made())).toMatchObject(yes);
    expect(await verify(await made({}, { alg: 'Ed25519' }))).toMatchObject(yes);
    expect(await verify(await made({ htu: `${url}?q#f` }))).toMatchObject(yes);
    const ec = await made({}, { alg: 'ES256', jwk: publicJwkOf(p256) }, p256);
    expect(await verify(ec)).toMatchObject({ allowed: true, value: { kid: thumbprintOf(publicJwkOf(p256)) } });
  });

  it.each<[string, () => string | Promise<string>]>([
    ['another address', () => made({ htu: 'https://other.example/oauth/token' })],
    ['another path', () => made({ htu: 'https://broker.example/oauth/revoke' })],
    ['another method', () => made({ htm: 'GET' })],
    ['no jti', () => made({ jti: undefined })],
    ['a jti without entropy', () => made({ jti: '1' })],
    ['no iat', () => made({ iat: undefined })],
    ['an iat of the past', () => made({ iat: at - 60 })],
    ['an iat of the future', () => made({ iat: at + 61 })],
    ['another type', () => made({}, { typ: 'JWT' })],
    ['no type', () => made({}, { typ: undefined })],
    ['a key that did not sign', () => made({}, {}, other)],
    ['no key', () => made({}, { jwk: undefined })],
    ['the private half in the header', () => made({}, { jwk: key.export({ format: 'jwk' }) })],
    ['a key that cannot sign', () => made({}, { jwk: publicJwkOf(sealing) })],
    ['an algorithm of another key', () => made({}, { alg: 'ES256', jwk }, p256)],
    ['a critical header nobody knows', () => made({}, { crit: ['exp'], exp: at + 1 })],
    ['an HMAC by the public key', () => confused(claims, header)],
    ['alg none', () => `${part({ ...header, alg: 'none' })}.${part(claims)}.`],
    ['two proofs in one', async () => `${await made()}, ${await made()}`],
    ['five thousand characters', () => made({ more: 'x'.repeat(5_000) })],
    ['garbage', () => 'x.y.z'],
  ])('is refused with %s', async (_what, proof) => {
    let text: string;
    try {
      text = await proof();
    } catch {
      // The library does not make such a proof; an attacker writes its bytes.
      text = `${part({ ...header, alg: 'EdDSA', crit: ['exp'] })}.${part(claims)}.${'A'.repeat(86)}`;
    }
    expect(await verify(text)).toMatchObject({ allowed: false, refusal: { code: 'dpop_wrong' } });
  });
});

describe('a client assertion (RFC 7523)', () => {
  const claims = { iss: client, sub: client, aud: issuer, jti, iat: at, exp: at + 60 };
  const verify = (assertion: string, now = NOW, under: PublicJwk = jwk) =>
    verifyClientAssertion(assertion, under, { client, audience: issuer }, now);
  const made = (over: object = {}, head: object = {}, by?: KeyObject) => sign({ ...claims, ...over }, head, by);

  it('is of the client itself, for this server alone', async () => {
    const yes = { allowed: true, value: { kid: thumbprintOf(jwk), jti } };
    expect(await verify(await made())).toMatchObject(yes);
    expect(await verify(await made({ aud: [issuer], nbf: at }, { typ: 'client-authentication+jwt' }))).toMatchObject(
      yes,
    );
    expect(await verify(await made({}, { typ: 'JWT' }), NOW + 59_999)).toMatchObject(yes);
  });

  it.each<[string, () => string | Promise<string>]>([
    ['another audience', () => made({ aud: 'https://other.example' })],
    ['the audience of a token endpoint', () => made({ aud: url })],
    ['two audiences', () => made({ aud: [issuer, 'https://other.example'] })],
    ['no audience', () => made({ aud: undefined })],
    ['another subject', () => made({ sub: 'plant.example/agent' })],
    ['another issuer', () => made({ iss: 'plant.example/agent' })],
    ['no expiry', () => made({ exp: undefined })],
    ['an expiry that has come', () => made({ iat: at - 60, exp: at })],
    ['a life of more than a minute', () => made({ exp: at + 61 })],
    ['an expiry before its issue', () => made({ iat: at + 10, exp: at + 10 })],
    ['an issue in the future', () => made({ iat: at + 61, exp: at + 90 })],
    ['a start in the future', () => made({ nbf: at + 61 })],
    ['no jti', () => made({ jti: undefined })],
    ['another key', () => made({}, {}, other)],
    ['the type of a document of ours', () => made({}, { typ: 'interlock-login-proof+jwt' })],
    ['an HMAC by the public key', () => confused(claims, {})],
    ['alg none', () => `${part({ alg: 'none' })}.${part(claims)}.`],
    ['garbage', () => 'x.y.z'],
  ])('is refused with %s', async (_what, assertion) => {
    expect(await verify(await assertion())).toMatchObject({ allowed: false, refusal: { code: 'caller_unknown' } });
  });

  it('names a client as organisation and id, and nothing that is none', async () => {
    const kid = thumbprintOf(jwk);
    expect(peekClient(await made({}, { kid }))).toEqual({ organisation: 'plant.example', id: 'plant-gateway', kid });
    for (const iss of ['plant.example', 'plant.example/a/b', 'PLANT.example/a', '/a', 'plant.example/', undefined])
      expect(peekClient(await made({ iss }))).toBeUndefined();
    expect(peekClient('x.y.z')).toBeUndefined();
  });
});

it('an ID token does not say that it is a login proof', async () => {
  expect(saysLoginProof(await sign({ iss: 'https://idp.example', sub: 'technician' }, { typ: 'JWT' }))).toBe(false);
  expect(saysLoginProof(await sign({}, { typ: 'interlock-login-proof+jwt' }))).toBe(true);
  expect(saysLoginProof('x')).toBe(false);
});
