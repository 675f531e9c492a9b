import type { SignatureBlock } from '@interlock/domain';
import { aCompany, BUYER, type Company, NOW, VENDOR } from '@interlock/testkit/builders';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { canonicalBytes, digestOf } from './canonical-json.js';
import { signDocument, verifyDocument } from './envelope.js';
import { makeKeyRing } from './key-ring.js';
import { keySigner, newPrivateKey, type Signer } from './keys.js';

let company: Company;
beforeAll(async () => {
  company = await aCompany(BUYER, NOW);
});

const key = keySigner(BUYER, newPrivateKey());
const p256 = keySigner(BUYER, newPrivateKey('P-256'));
const ring = makeKeyRing(
  new Map(),
  [key, p256].map((signer) => ({
    organisation: BUYER,
    key: signer.key,
    kid: signer.kid,
    purposes: ['certify'] as const,
    holder: null,
    groups: [],
    guest: false,
    hours: null,
    epoch: null,
    resources: [],
    notBefore: NOW - 1_000,
    notAfter: NOW + 1_000,
    document: digestOf('entity'),
  })),
);
const document = async () => (await company.holder('person', 'somebody', ['approve'])).certificate.document;
const verify = async (signatures: readonly SignatureBlock[], of?: unknown, now = NOW) =>
  verifyDocument(
    'key-certificate',
    { document: of ?? (await document()), signatures },
    ring,
    [{ issuer: BUYER, purpose: 'certify' }],
    now,
  );
const refused = (code: string) => ({ allowed: false, refusal: { code } });

/** A block as an attacker would make it: any header, signed by a genuine key. */
async function forged(over: object, signer: Signer, of: unknown): Promise<SignatureBlock> {
  const fields = {
    alg: signer.alg,
    typ: 'interlock-key-certificate+jws',
    kid: signer.kid,
    iss: BUYER,
    iat: NOW / 1000,
    ...over,
  };
  const head = canonicalBytes(fields).toString('base64url');
  const signature = await signer.sign(Buffer.from(`${head}.${canonicalBytes(of).toString('base64url')}`));
  return { form: 'jws', protected: head, signature: Buffer.from(signature).toString('base64url') };
}

describe('a signature', () => {
  it('counts for what its header says, under either algorithm', async () => {
    const of = await document();
    for (const signer of [key, p256]) {
      expect(await verify([await signDocument(of, signer, NOW)], of)).toMatchObject({ allowed: true });
      expect(await verify([await forged({}, signer, of)], of)).toMatchObject({ allowed: true });
    }
  });

  it.each<[string, string, object]>([
    ['another algorithm than its key has', 'wrong_algorithm', { alg: 'ES256' }],
    ['no algorithm', 'malformed', { alg: 'none' }],
    ['a symmetric algorithm', 'malformed', { alg: 'HS256' }],
    ['another kind of document', 'wrong_type', { typ: 'interlock-grant+jws' }],
    ['another issuer', 'wrong_issuer', { iss: VENDOR }],
    ['another key', 'unknown_key', { kid: p256.kid.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')) }],
    ['a key that is no thumbprint', 'unknown_key', { kid: '../../etc/passwd' }],
    ['a critical header', 'malformed', { crit: ['exp'] }],
    ['a key inside', 'malformed', { jwk: key.key }],
    ['a time from the future', 'signed_in_the_future', { iat: NOW / 1000 + 61 }],
    ['a time before its key', 'key_not_yet_valid', { iat: NOW / 1000 - 62 }],
    ['a time that is none', 'malformed', { iat: -1 }],
  ])('with %s is refused: %s', async (_, code, over) => {
    const of = await document();
    expect(await verify([await forged(over, key, of)], of)).toMatchObject(refused(code));
  });

  it('has one spelling, header and signature alike', async () => {
    const of = await document();
    const block = await signDocument(of, key, NOW);
    // The last letter carries bits that are no part of the bytes: another letter, the same bytes.
    const twin = (text: string) => {
      const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
      const last = [...letters].find(
        (letter) =>
          letter !== text.at(-1) &&
          Buffer.from(text.slice(0, -1) + letter, 'base64url').equals(Buffer.from(text, 'base64url')),
      );
      return text.slice(0, -1) + (last ?? text.at(-1));
    };
    expect(twin(block.signature)).not.toBe(block.signature);
    expect(await verify([{ ...block, signature: twin(block.signature) }], of)).toMatchObject(refused('malformed'));
    // The same for a header of another length, so that its last letter has such bits too.
    const headers = await Promise.all(
      [0, 1, 2].map((n) => forged({ iat: Number(`${NOW / 1000}`.slice(0, 10 - n)) }, key, of)),
    );
    const odd = headers.find((one) => twin(one.protected) !== one.protected);
    if (odd) expect(await verify([{ ...odd, protected: twin(odd.protected) }], of)).toMatchObject(refused('malformed'));
    const spaced = Buffer.from(`${Buffer.from(block.protected, 'base64url').toString()} `).toString('base64url');
    expect(await verify([{ ...block, protected: spaced }], of)).toMatchObject(refused('malformed'));
  });

  it('that meets no demand makes the document unacceptable: nothing unverified rides along', async () => {
    const of = await document();
    const good = await signDocument(of, key, NOW);
    expect(await verify([good, await signDocument(of, keySigner(BUYER, newPrivateKey()), NOW)], of)).toMatchObject(
      refused('unknown_key'),
    );
    expect(await verify([], of)).toMatchObject(refused('malformed'));
    expect(await verify([good], { ...of, extra: 1 })).toMatchObject(refused('malformed'));
  });

  it('of a key counts inside the key’s own dates', async () => {
    const of = await document();
    const good = await signDocument(of, key, NOW);
    expect(await verify([good], of, NOW + 999)).toMatchObject({ allowed: true });
    expect(await verify([good], of, NOW + 1_000)).toMatchObject(refused('key_expired'));
  });
});
