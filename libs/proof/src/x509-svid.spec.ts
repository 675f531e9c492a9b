import type { KeyObject } from 'node:crypto';
import type { KeyCertificate, OrganisationId, Purpose } from '@interlock/domain';
import { aCompany, anSvid, type Company, NOW, type SvidWish } from '@interlock/testkit/builders';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { KeyRing } from './key-ring.js';
import { newPrivateKey, publicJwkOf, thumbprintOf } from './keys.js';
import { trust } from './trust.js';
import { readX509Svid, saysSvid, verifyX509Svid } from './x509-svid.js';

const PRESS = 'spiffe://plant.example/machine/line-3/press-7';
const [CERT_SIGN, CRL_SIGN, DIGITAL_SIGNATURE] = [32, 64, 1];
const [SERVER, CLIENT] = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'];
const HOUR = 3_600_000;

let plant: Company;
let other: Company;
const [issuing, holding, foreign] = [newPrivateKey('P-256'), newPrivateKey('P-256'), newPrivateKey('P-256')];

async function ringOf(
  key: KeyObject,
  over: Partial<KeyCertificate> = {},
  purpose: Purpose = 'issue',
): Promise<KeyRing> {
  const own = await plant.holder('agent', 'agent', [purpose], { key: publicJwkOf(key), ...over });
  const theirs = await other.holder('agent', 'agent', ['issue'], { key: publicJwkOf(foreign) });
  const pins = new Map([plant, other].map((one) => [one.organisation, one.pin]));
  const made = await trust([plant.entity, other.entity], [own.certificate, theirs.certificate], pins, NOW);
  if (!made.allowed) throw new Error(made.refusal.code);
  return made.value;
}

beforeAll(async () => {
  [plant, other] = [await aCompany('plant.example', NOW), await aCompany('other.example', NOW)];
});

const made = (wish: SvidWish = {}, by = issuing) => anSvid(by, holding, NOW, { names: [PRESS], ...wish });
const verified = async (svid: string, ring?: KeyRing, now = NOW, issuer: OrganisationId = plant.organisation) =>
  verifyX509Svid(svid, issuer, ring ?? (await ringOf(issuing)), now);
const codeOf = async (svid: string, ring?: KeyRing, now?: number, issuer?: OrganisationId) => {
  const judged = await verified(svid, ring, now, issuer);
  return judged.allowed ? 'allowed' : judged.refusal.code;
};

describe('an X.509-SVID', () => {
  it('says which machine of its company holds its key', async () => {
    const svid = await made({ extended: [SERVER ?? '', CLIENT ?? ''] });
    expect([svid, 'a.login.proof', ''].map(saysSvid)).toEqual([true, false, false]);
    expect(await verified(svid)).toMatchObject({
      value: {
        subject: { organisation: 'plant.example', kind: 'machine', id: 'line-3/press-7' },
        kid: thumbprintOf(publicJwkOf(holding)),
        signer: { kid: thumbprintOf(publicJwkOf(issuing)) },
      },
    });
  });

  it.each<[string, SvidWish, string]>([
    ['without a SPIFFE ID', { names: [] }, 'exactly one SPIFFE ID'],
    ['with two URI names', { names: [PRESS, 'https://plant.example/press-7'] }, 'exactly one SPIFFE ID'],
    ['with two SPIFFE IDs', { names: [PRESS, 'spiffe://plant.example/machine/press-8'] }, 'exactly one SPIFFE ID'],
    ['that names a trust domain', { names: ['spiffe://plant.example'] }, 'exactly one SPIFFE ID'],
    ['that names no machine', { names: ['spiffe://plant.example/person/fitter'] }, 'names no machine or workload'],
    ['of a CA', { ca: true }, 'signs for others'],
    ['that may sign certificates', { usage: DIGITAL_SIGNATURE! | CERT_SIGN! }, 'signs for others'],
    ['that may sign revocation lists', { usage: DIGITAL_SIGNATURE! | CRL_SIGN! }, 'signs for others'],
    ['without a key usage', { usage: null }, 'key usage'],
    ['whose key usage is not critical', { criticalUsage: false }, 'key usage'],
    ['that may not sign', { usage: 8 }, 'key usage'],
    ['for clients alone', { extended: [CLIENT ?? ''] }, 'extended key usage'],
  ])('is none %s', async (_what, wish, detail) => {
    expect(await verified(await made(wish))).toMatchObject({
      refusal: { code: 'not_an_svid', clause: 'svid', detail },
    });
  });

  it('is signed by a key that its own company certified for issuing, and by no other', async () => {
    expect(await codeOf(await made({}, foreign))).toBe('bad_signature');
    expect(await codeOf(await made({}, holding))).toBe('bad_signature');
    expect(await codeOf(await made(), await ringOf(issuing, {}, 'login'))).toBe('unknown_key');
    expect(await codeOf(await made(), await ringOf(issuing, { notAfter: NOW - 1 }))).toBe('key_expired');
    expect(await codeOf(await made(), await ringOf(issuing, { notBefore: NOW + 1, notAfter: NOW + 2 }))).toBe(
      'key_expired',
    );
  });

  it('is of the trust domain of its own company, whoever signed it', async () => {
    const names = ['spiffe://other.example/machine/press-7'];
    expect(await codeOf(await made({ names }))).toBe('wrong_issuer');
    expect(await codeOf(await made(), undefined, NOW, other.organisation)).toBe('wrong_issuer');
  });

  it('counts from its first instant to its last, and for a day at most', async () => {
    const svid = await made({ notBefore: NOW, notAfter: NOW + HOUR });
    const ring = await ringOf(issuing);
    const at = (now: number) => codeOf(svid, ring, now);
    expect([await at(NOW - 60_001), await at(NOW - 60_000)]).toEqual(['signed_in_the_future', 'allowed']);
    expect([await at(NOW + HOUR - 1), await at(NOW + HOUR)]).toEqual(['allowed', 'token_expired']);
    expect(await codeOf(await made({ notBefore: NOW, notAfter: NOW + 24 * HOUR }), ring)).toBe('allowed');
    expect(await codeOf(await made({ notBefore: NOW, notAfter: NOW + 24 * HOUR + 1_000 }), ring)).toBe(
      'token_too_long',
    );
  });

  it('has one spelling, and no byte of it can be another', async () => {
    const svid = await made();
    const raw = Buffer.from(svid, 'base64url');
    const refused = async (bytes: Uint8Array) => codeOf(Buffer.from(bytes).toString('base64url'));
    expect(await refused(Buffer.concat([raw, Buffer.from([0])]))).toBe('not_an_svid');
    expect(await readX509Svid(`${svid}=`)).toMatchObject({ allowed: false });
    expect(await readX509Svid('A'.repeat(4_001))).toMatchObject({ allowed: false });
    for (let at = 0; at < raw.length; at += 7) {
      const altered = Buffer.from(raw);
      altered[at] = (altered[at] ?? 0) ^ 1;
      expect({ at, code: await refused(altered) }).not.toEqual({ at, code: 'allowed' });
    }
  });
});
