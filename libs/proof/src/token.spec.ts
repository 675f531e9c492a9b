import type { LoginProof, OrganisationId, PublicJwk, Ticket } from '@interlock/domain';
import { aRight, BUYER, NOW, type Right, VENDOR } from '@interlock/testkit/builders';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { canonicalBytes, digestOf } from './canonical-json.js';
import type { KeyRing } from './key-ring.js';
import { keySigner, newPrivateKey } from './keys.js';
import { peekLoginProof, signLoginProof, signTicket, traceOfTicket, verifyLoginProof, verifyTicket } from './token.js';
import { trust } from './trust.js';

const SECOND = 1_000;
const at = NOW / SECOND;
let right: Right;
let ring: KeyRing;
beforeAll(async () => {
  right = await aRight();
  const made = await trust(right.chain.entities, right.chain.certificates, right.who.pins, NOW);
  if (!made.allowed) throw new Error(made.refusal.code);
  ring = made.value;
});
const refused = (code: string, clause: string) => ({ allowed: false, refusal: { code, clause } });

describe('a login proof', () => {
  const verify = (token: string, now = NOW) => verifyLoginProof(token, VENDOR, BUYER, ring, now);
  const made = (over: Partial<LoginProof> = {}, signer = right.who.vendorAgent.signer) =>
    signLoginProof({ ...right.claims, ...over }, signer);
  const no = (code: string) => refused(code, 'login-proof');

  it('says that the subject’s own domain vouches for this key', async () => {
    expect(await verify(right.loginProof)).toMatchObject({ allowed: true, value: { claims: { jkt: right.leaf } } });
    expect(peekLoginProof(right.loginProof)).toMatchObject({ sub: 'technician' });
  });

  it('is made for one partner, by the domain it says it is of', async () => {
    expect(await verify(await made({ aud: VENDOR }))).toEqual(no('wrong_audience'));
    expect(await verify(await made({ iss: BUYER }))).toEqual(no('wrong_issuer'));
    // The header says the vendor, the claims say somebody else.
    const [, body] = (await made({ iss: BUYER })).split('.');
    const head = canonicalBytes({
      alg: 'EdDSA',
      iat: at,
      iss: VENDOR,
      kid: right.who.vendorAgent.signer.kid,
      typ: 'interlock-login-proof+jwt',
    });
    const input = `${head.toString('base64url')}.${body}`;
    const signature = await right.who.vendorAgent.signer.sign(Buffer.from(input));
    expect(await verify(`${input}.${Buffer.from(signature).toString('base64url')}`)).toEqual(no('wrong_issuer'));
  });

  it('lives fifteen minutes at most, to the second, and not before its time', async () => {
    expect(await verify(await made({ exp: at + 900 }))).toMatchObject({ allowed: true });
    expect(await verify(await made({ exp: at + 901 }))).toEqual(no('token_too_long'));
    expect(await verify(await made({ exp: at }))).toEqual(no('token_too_long'));
    expect(await verify(right.loginProof, (at + 600) * SECOND - 1)).toMatchObject({ allowed: true });
    expect(await verify(right.loginProof, (at + 600) * SECOND)).toEqual(no('token_expired'));
    expect(await verify(await made({ iat: at + 60, exp: at + 120 }))).toMatchObject({ allowed: true });
    expect(await verify(await made({ iat: at + 61, exp: at + 120 }))).toEqual(no('signed_in_the_future'));
  });

  it('is not an ID token, nor any other token of any key', async () => {
    const idToken = new SignJWT({ ...right.claims }).setProtectedHeader({
      alg: 'EdDSA',
      typ: 'JWT',
      kid: right.who.vendorAgent.signer.kid,
    });
    expect(await verify(await idToken.sign(right.who.vendorAgent.key))).toMatchObject({
      refusal: { code: 'malformed' },
    });
    const ticket = await signTicket({ ...right.claims } as never, right.who.vendorAgent.signer);
    expect(await verify(ticket)).toEqual(no('wrong_type'));
    expect(await verify(await made({}, right.who.technician.signer))).toEqual(no('wrong_purpose'));
    expect(await verify(await made({}, keySigner(VENDOR, newPrivateKey())))).toEqual(no('unknown_key'));
    expect(await verify(await made({ extra: 1 } as never))).toEqual(no('malformed'));
  });

  it('has one spelling: other padding, letters behind, a changed byte or too long is refused', async () => {
    const [head, body, signature] = right.loginProof.split('.') as [string, string, string];
    const altered = Buffer.from(JSON.stringify({ ...right.claims, sub: 'colleague' })).toString('base64url');
    for (const token of [
      '',
      'x',
      `${head}.${body}`,
      `${right.loginProof}.x`,
      `${head}.${body}=.${signature}`,
      'x'.repeat(8_001),
    ])
      expect([token, await verify(token)]).toEqual([token, no('malformed')]);
    // Beyond the limit nothing is even decoded, so no key is asked.
    expect(await verify(`${head}.${body}.${signature}${'A'.repeat(8_000)}`)).toEqual(no('malformed'));
    const canonical = canonicalBytes({ ...right.claims, sub: 'colleague' }).toString('base64url');
    expect(await verify(`${head}.${canonical}.${signature}`)).toEqual(no('bad_signature'));
    expect((await verify(`${head}.${altered}.${signature}`)).allowed).toBe(false);
    expect(peekLoginProof('x')).toBeUndefined();
  });
});

describe('a ticket', () => {
  const key = newPrivateKey();
  const broker = keySigner('broker.example' as OrganisationId, key);
  const made = (over: Partial<Ticket> = {}, signer = broker, trace?: string) =>
    signTicket(
      {
        iss: 'broker.example',
        session: 'ses_0123456789abcdefghjkmnpqrs' as never,
        grant: right.grant.id,
        proof: digestOf('proof'),
        jkt: right.leaf,
        gateway: { organisation: BUYER, id: right.who.gateway.id },
        iat: at,
        exp: at + 60,
        jti: '0123456789abcdef',
        ...over,
      },
      signer,
      trace,
    );
  const no = (code: string) => refused(code, 'ticket');

  it('says in which trace it was asked for, and nothing that is no trace', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const [plain, told, bent] = [
      await made(),
      await made({}, broker, trace),
      await made({}, broker, `${trace.slice(1)}"`),
    ];
    for (const one of [plain, told, bent])
      expect(await verifyTicket(one, broker.key, NOW)).toMatchObject({ allowed: true });
    expect([plain, told, bent, '', 'x.y.z', 'e30'].map(traceOfTicket)).toEqual([null, trace, null, null, null, null]);
  });

  it('is of the broker that the gateway was provisioned with, for a while', async () => {
    expect(await verifyTicket(await made(), broker.key, NOW)).toMatchObject({ allowed: true });
    expect(await verifyTicket(await made(), broker.key, NOW + 60 * SECOND - 1)).toMatchObject({ allowed: true });
    expect(await verifyTicket(await made(), broker.key, NOW + 60 * SECOND)).toEqual(no('token_expired'));
    expect(await verifyTicket(await made({ exp: at + 901 }), broker.key, NOW)).toEqual(no('token_too_long'));
    expect(await verifyTicket(await made({ iat: at + 61, exp: at + 90 }), broker.key, NOW)).toEqual(
      no('signed_in_the_future'),
    );
    const other = keySigner('broker.example' as OrganisationId, newPrivateKey());
    expect(await verifyTicket(await made({}, other), broker.key, NOW)).toEqual(no('bad_signature'));
  });

  it('is nothing else', async () => {
    const proof = await signLoginProof({ ...right.claims } as LoginProof, broker);
    expect(await verifyTicket(proof, broker.key, NOW)).toEqual(no('malformed'));
    const typed = (await made()).split('.');
    const head = canonicalBytes({ alg: 'EdDSA', iat: at, iss: 'broker.example', kid: broker.kid, typ: 'JWT' }).toString(
      'base64url',
    );
    const signature = Buffer.from(await broker.sign(Buffer.from(`${head}.${typed[1]}`))).toString('base64url');
    expect(await verifyTicket(`${head}.${typed[1]}.${signature}`, broker.key, NOW)).toEqual(no('wrong_type'));
    expect(await verifyTicket('x.y.z', broker.key, NOW)).toEqual(no('malformed'));
    const opening: PublicJwk = { kty: 'OKP', crv: 'X25519', x: 'A'.repeat(43) };
    expect(await verifyTicket(await made(), opening, NOW)).toEqual(no('wrong_algorithm'));
  });

  it('has one spelling: another last letter of the same bytes is not it', async () => {
    const token = await made();
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const bytes = (text: string) => Buffer.from(text.split('.')[2] ?? '', 'base64url').toString('hex');
    const twins = [...letters].map((one) => token.slice(0, -1) + one).filter((one) => bytes(one) === bytes(token));
    expect(twins).toHaveLength(16);
    const taken = await Promise.all(twins.map(async (twin) => (await verifyTicket(twin, broker.key, NOW)).allowed));
    expect(taken.filter(Boolean)).toHaveLength(1);
  });
});
