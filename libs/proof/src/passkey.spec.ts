import type { PasskeySignature } from '@interlock/domain';
import { aCompany, aPasskey, BUYER, type Company, NOW, type Passkey, type Saying } from '@interlock/testkit/builders';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { digestOf } from './canonical-json.js';
import { signed, verifyDocument } from './envelope.js';
import { newPrivateKey } from './keys.js';
import { passkeyChallenge } from './passkey.js';
import { trust } from './trust.js';

const ORIGIN = `https://agent.${BUYER}`;
const passkey = aPasskey();
let company: Company;
let certificates: Awaited<ReturnType<typeof certified>>[];
const certified = async (one: Passkey) =>
  (await company.holder('person', 'lead', ['approve'], { key: one.jwk })).certificate;

beforeAll(async () => {
  company = await aCompany(BUYER, NOW);
  certificates = [await certified(passkey)];
});

const verdict = (over: object = {}) =>
  ({
    typ: 'verdict',
    v: 1,
    kind: 'embargo',
    organisation: BUYER,
    grant: `sha256:${'A'.repeat(43)}`,
    outcome: 'clear',
    snapshot: `sha256:${'A'.repeat(43)}`,
    issuedAt: NOW,
    expiresAt: NOW + 1_000,
    ...over,
  }) as const;

async function verify(block: object, document: object = verdict(), known = certificates, entities = [company.entity]) {
  const ring = await trust(entities, known, new Map([[company.organisation, company.pin]]), NOW);
  if (!ring.allowed) throw new Error(ring.refusal.code);
  const demand = { issuer: company.organisation, purpose: 'approve' as const };
  return verifyDocument('verdict', { document, signatures: [block] }, ring.value, [demand], NOW);
}
const said = (saying: Partial<Saying> = {}, one = passkey): PasskeySignature =>
  one.sign(verdict(), company.organisation, NOW, { origin: ORIGIN, ...saying });
const refused = (code: string) => ({ allowed: false, refusal: { code } });
const changed = (block: PasskeySignature, member: 'authenticatorData' | 'clientData', at: number) => {
  const bytes = Buffer.from(block[member], 'base64url');
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  return { ...block, [member]: bytes.toString('base64url') };
};

describe('a signature by a passkey', () => {
  it('counts over the document it was made for, on the page of the own agent, by its holder', async () => {
    expect(await verify(said())).toMatchObject({ allowed: true, value: { signers: [{ signedAt: NOW }] } });
    const ed25519 = aPasskey(newPrivateKey('Ed25519'));
    expect(await verify(said({}, ed25519), verdict(), [await certified(ed25519)])).toMatchObject({ allowed: true });
  });

  it('is of one document, one kind, one signer and one time: no other challenge counts', async () => {
    expect(await verify(said(), verdict({ outcome: 'blocked' }))).toMatchObject(refused('passkey_other_document'));
    const challenge = passkeyChallenge(Buffer.from('something else'));
    expect(await verify(said({ challenge }))).toMatchObject(refused('passkey_other_document'));
    const later = passkey.sign(verdict(), company.organisation, NOW - 60_000, { origin: ORIGIN });
    expect(await verify({ ...said(), protected: later.protected })).toMatchObject(refused('passkey_other_document'));
  });

  it.each<[string, Partial<Saying>, string]>([
    ['another origin', { origin: 'https://agent.evil.example', rpId: `agent.${BUYER}` }, 'passkey_other_origin'],
    ['another port', { origin: `${ORIGIN}:8443` }, 'passkey_other_origin'],
    ['plain HTTP', { origin: `http://agent.${BUYER}` }, 'passkey_other_origin'],
    ['the relying party above', { rpId: BUYER }, 'passkey_other_origin'],
    ['nobody touched it', { flags: 0x04 }, 'passkey_unattended'],
    ['its holder was not verified', { flags: 0x01 }, 'passkey_unattended'],
    ['a backup that cannot be', { flags: 0x15 }, 'malformed'],
    ['a credential made in the same breath', { flags: 0x45 }, 'malformed'],
    ['a frame of another site', { client: { crossOrigin: true } }, 'malformed'],
    ['a page inside another', { client: { topOrigin: 'https://evil.example' } }, 'malformed'],
    ['a registration', { client: { type: 'webauthn.create' } }, 'malformed'],
  ])('does not count from %s', async (_what, saying, code) => {
    expect(await verify(said(saying))).toMatchObject(refused(code));
  });

  it('does not count of another key, nor where anything it signed was altered', async () => {
    expect(await verify({ ...said(), signature: said({}, aPasskey()).signature })).toMatchObject(
      refused('bad_signature'),
    );
    expect(await verify(changed(said(), 'authenticatorData', 36))).toMatchObject(refused('bad_signature'));
    expect(await verify(changed(said(), 'authenticatorData', 0))).toMatchObject(refused('passkey_other_origin'));
    const twice = Buffer.from(
      Buffer.from(said().clientData, 'base64url').toString().replace('{', '{"origin":"https://evil.example",'),
    );
    expect(await verify({ ...said(), clientData: twice.toString('base64url') })).toMatchObject(refused('malformed'));
    for (const member of ['authenticatorData', 'clientData', 'signature'] as const)
      expect(await verify({ ...said(), [member]: 'AA' })).toMatchObject({ allowed: false });
  });

  it('is no other form of signature, and no other form is one', async () => {
    const { protected: head, signature } = said();
    expect(await verify({ form: 'jws', protected: head, signature })).toMatchObject(refused('bad_signature'));
    const file = await company.holder('person', 'lead', ['approve']);
    const { signatures } = await signed(verdict() as never, file.signer, NOW);
    const posing = { ...said(), protected: signatures[0]?.protected, signature: signatures[0]?.signature };
    expect(await verify(posing, verdict(), [file.certificate])).toMatchObject(refused('passkey_other_document'));
  });

  it('ends when its company moves its agent: the origin is that of the newest entity document', async () => {
    const { document } = company.entity;
    const agentOrigin = 'https://elsewhere.example';
    const moved = { ...document, sequence: 2, previous: digestOf(document), agentOrigin };
    const entities = [company.entity, await signed(moved, company.root, NOW)];
    expect(await verify(said(), verdict(), certificates, entities)).toMatchObject(refused('passkey_other_origin'));
    expect(await verify(said({ origin: agentOrigin }), verdict(), certificates, entities)).toMatchObject({
      allowed: true,
    });
  });
});
