import type { ChainDocuments } from '@interlock/contracts';
import type { Agreement, EntityDocument, Grant, LocalId, OrganisationId } from '@interlock/domain';
import {
  aCompany,
  anAgreement,
  aRight,
  BUYER,
  bothSign,
  type Company,
  NOW,
  type Right,
  rightUnder,
  VENDOR,
} from '@interlock/testkit/builders';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { digestOf } from './canonical-json.js';
import { signDocument, signed } from './envelope.js';
import { keySigner, newPrivateKey, publicJwkOf, type Signer, thumbprintOf } from './keys.js';
import { verifyAgreement, verifyChain, verifyRight } from './right.js';
import type { SubjectProof } from './subject-proof.js';
import { trust, verifyEntity } from './trust.js';

const DAY = 86_400_000;
const id = (text: string) => text as LocalId;
const self = { organisation: BUYER, resources: [id('press-7')] };
let right: Right;
beforeAll(async () => {
  right = await aRight();
});

const verify = (change: Partial<ChainDocuments> = {}, proof?: SubjectProof, at = NOW, point = self, of = right) =>
  verifyChain({ ...of.chain, ...change }, of.who.pins, point, proof ?? { loginProof: of.loginProof }, at);
const refused = (code: string, clause?: string) => ({ allowed: false, refusal: { code, ...(clause && { clause }) } });
const by = async <D extends { typ: 'agreement' | 'grant' }>(document: D, signers: readonly Signer[]) => ({
  document,
  signatures: await Promise.all(signers.map((signer) => signDocument(document, signer, NOW))),
});
const entityOf = (company: Company, over: Partial<EntityDocument>, root = company.root) =>
  signed({ ...company.entity.document, ...over }, root, NOW);

describe('an entity document', () => {
  const of = async (over: Partial<EntityDocument>, root = right.who.buyer.root) =>
    verifyEntity(await entityOf(right.who.buyer, over, root), right.who.pins, NOW);

  it('is signed by the pinned root that stands in it', async () => {
    expect(await of({})).toMatchObject({ allowed: true });
    expect(await of({}, right.who.vendor.root)).toEqual(refused('wrong_issuer', 'entity'));
    expect(await of({}, keySigner(BUYER, newPrivateKey()))).toEqual(refused('unknown_key', 'entity'));
    expect(await of({}, right.who.buyer.certify)).toEqual(refused('unknown_key', 'entity'));
    expect(await of({ root: publicJwkOf(newPrivateKey()) })).toEqual(refused('root_mismatch', BUYER));
    const renamed = await entityOf(right.who.buyer, { name: 'other' });
    const altered = { document: right.who.buyer.entity.document, signatures: renamed.signatures };
    expect(await verifyEntity(altered, right.who.pins, NOW)).toEqual(refused('bad_signature', 'entity'));
  });

  it('is of a pinned organisation', async () => {
    const stranger = await aCompany('stranger.example', NOW);
    expect(await verifyEntity(stranger.entity, right.who.pins, NOW)).toEqual(refused('not_pinned', 'stranger.example'));
    expect(await verify({ entities: [right.who.vendor.entity] })).toEqual(refused('not_pinned', BUYER));
  });

  it('lives ninety days at most, to the millisecond', async () => {
    const issuedAt = NOW - DAY;
    expect(await of({ issuedAt, expiresAt: issuedAt + 90 * DAY })).toMatchObject({ allowed: true });
    expect(await of({ issuedAt, expiresAt: issuedAt + 90 * DAY + 1 })).toEqual(refused('entity_too_long', BUYER));
    expect(await of({ issuedAt, expiresAt: issuedAt })).toEqual(refused('entity_too_long', BUYER));
  });

  it('opens nothing once it has expired', async () => {
    const end = right.who.buyer.entity.document.expiresAt;
    const lasting = { windows: [{ from: NOW, to: NOW + 60_000 }] };
    const of = await rightUnder(right.who, anAgreement(right.who, { endsAt: NOW + 60 * DAY }), { grant: lasting });
    expect(await verifyRight(of.chain, of.who.pins, end)).toEqual(refused('entity_expired', VENDOR));
    expect(await verifyRight(of.chain, of.who.pins, end - 1)).not.toMatchObject(refused('entity_expired'));
  });

  it('has one version for one number', async () => {
    const [one, two] = [right.who.buyer.entity, await entityOf(right.who.buyer, { name: 'other' })];
    expect(await trust([one, two], [], right.who.pins, NOW)).toEqual(refused('entity_fork', BUYER));
    expect(await trust([one, one], [], right.who.pins, NOW)).toMatchObject({ allowed: true });
  });

  it('cannot make another key a root', async () => {
    const extra = keySigner(BUYER, newPrivateKey());
    const named = await entityOf(right.who.buyer, { keys: [{ key: extra.key, purposes: ['root', 'certify'] }] });
    const ring = await trust([named], [], right.who.pins, NOW);
    expect(ring.allowed && ring.value.find(BUYER, extra.kid, 'root')).toEqual([]);
    expect(ring.allowed && ring.value.find(BUYER, extra.kid, 'certify')).toHaveLength(1);
  });
});

describe('a key certificate', () => {
  const with_ = async (over: object, signer = right.who.buyer.certify) => {
    const certificate = await signed({ ...right.who.approver.certificate.document, ...over }, signer, NOW);
    return trust(right.chain.entities, [certificate], right.who.pins, NOW);
  };

  it('is signed by a certify key of its own organisation, and hangs on its entity document', async () => {
    expect(await with_({})).toMatchObject({ allowed: true });
    expect(await with_({}, right.who.vendor.certify)).toEqual(refused('wrong_issuer', 'key-certificate'));
    expect(await with_({}, right.who.buyer.agreement)).toEqual(refused('wrong_purpose', 'key-certificate'));
    expect(await with_({}, right.who.buyerAgent.signer)).toEqual(refused('unknown_key', 'key-certificate'));
    expect(await with_({ entity: digestOf('other') })).toEqual(refused('certificate_dangling', 'first-approver'));
    expect(await with_({ organisation: 'stranger.example' })).toEqual(refused('not_pinned', 'stranger.example'));
    expect(await trust(right.chain.entities, [{}], right.who.pins, NOW)).toEqual(
      refused('malformed', 'key-certificate'),
    );
  });

  it('lives a day at most for a beat, a week for an opening key, and as long as its entity document otherwise', async () => {
    const life = (purposes: string[], days: number) => with_({ purposes, notBefore: NOW, notAfter: NOW + days * DAY });
    expect(await life(['beat'], 1)).toMatchObject({ allowed: true });
    expect(await life(['approve', 'beat'], 1.01)).toEqual(refused('certificate_too_long', 'first-approver'));
    expect(await life(['open'], 7)).toMatchObject({ allowed: true });
    expect(await life(['open'], 7.01)).toEqual(refused('certificate_too_long', 'first-approver'));
    const long = await life(['approve'], 80);
    if (!long.allowed) throw new Error(long.refusal.code);
    const [key] = long.value.held(BUYER, 'person', id('first-approver'));
    expect(key?.notAfter).toBe(right.who.buyer.entity.document.expiresAt);
  });

  it('makes nobody a root, a certifier or a signer of agreements', async () => {
    const ring = await with_({ purposes: ['root', 'certify', 'agreement', 'approve'] });
    expect(ring.allowed && ring.value.held(BUYER, 'person', id('first-approver'))[0]?.purposes).toEqual(['approve']);
  });
});

describe('an agreement', () => {
  const ringOf = () => trust(right.chain.entities, right.chain.certificates, right.who.pins, NOW);
  const of = async (over: Partial<Agreement>, pins = right.who.pins) => {
    const ring = await ringOf();
    if (!ring.allowed) throw new Error(ring.refusal.code);
    return verifyAgreement(await bothSign(right.who, { ...right.agreement, ...over }), ring.value, pins, NOW);
  };
  const withParty = (over: object) => ({
    parties: [right.agreement.parties[0]!, { ...right.agreement.parties[1]!, ...over }],
  });

  it('names the pinned roots and the entity documents of its parties', async () => {
    expect(await of({})).toMatchObject({ allowed: true });
    expect(await of(withParty({ root: thumbprintOf(publicJwkOf(newPrivateKey())) }))).toEqual(
      refused('party_root_not_pinned', BUYER),
    );
    expect(await of(withParty({ entity: digestOf('other') }))).toEqual(refused('party_entity_unknown', BUYER));
    expect(await of({}, new Map([[VENDOR, right.who.vendor.pin]]))).toEqual(refused('party_root_not_pinned', BUYER));
  });

  it('is signed by the agreement key of every party', async () => {
    const { vendor, buyer, buyerAgent } = right.who;
    const sign = async (signers: readonly Signer[]) => verify({ agreement: await by(right.agreement, signers) });
    expect(await sign([vendor.agreement])).toEqual(refused('signature_missing', 'agreement'));
    expect(await sign([vendor.agreement, vendor.agreement])).toEqual(refused('signature_missing', 'agreement'));
    expect(await sign([vendor.agreement, buyerAgent.signer])).toEqual(refused('wrong_purpose', 'agreement'));
    expect(await sign([vendor.agreement, buyer.root])).toEqual(refused('unknown_key', 'agreement'));
    expect(await sign([vendor.agreement, buyer.certify])).toEqual(refused('wrong_purpose', 'agreement'));
  });

  it('(j) of two vendors, both pinned, does not reach the press of a third', async () => {
    const second = await aCompany('second-vendor.example', NOW);
    const pins = new Map([...right.who.pins, [second.organisation, second.pin] as const]);
    const party = {
      organisation: second.organisation,
      role: 'vendor' as const,
      root: second.pin,
      entity: digestOf(second.entity.document),
    };
    const between = async (over: Partial<Agreement>) => {
      const agreement = { ...right.agreement, parties: [right.agreement.parties[0]!, party], ...over };
      const approver = await second.holder('person', 'helpful', ['approve'], { groups: [id('maintenance')] });
      const grant = { ...right.grant, agreement: digestOf(agreement) };
      const documents = {
        entities: [right.who.vendor.entity, second.entity, right.who.buyer.entity],
        certificates: [...right.chain.certificates, approver.certificate],
        agreement: await by(agreement, [right.who.vendor.agreement, second.agreement]),
        grant: await by(grant, [right.who.technician.signer, right.who.approver.signer]),
      };
      return verifyChain(documents, pins, self, { loginProof: right.loginProof }, NOW);
    };
    expect(await between({})).toEqual(refused('agreement_incoherent', 'resources'));
    expect(await between({ resources: [], terms: [] })).toEqual(refused('not_a_party'));
  });
});

describe('a grant and its subject', () => {
  const signers = () => [right.who.technician, right.who.approver, right.who.secondApprover].map((one) => one.signer);
  const grant = async (over: Partial<Grant>, signing = signers()) =>
    verify({ grant: await by({ ...right.grant, ...over }, signing) });

  it('hangs on this agreement version', async () => {
    expect(await grant({ agreement: digestOf('other') })).toEqual(refused('grant_of_other_agreement'));
    expect(await grant({ agreementId: 'agr_zzzzzzzzzzzzzzzzzzzzzzzzzz' as never })).toEqual(
      refused('grant_of_other_agreement'),
    );
  });

  it('is asked for by the one who signed that', async () => {
    const colleague = await right.who.vendor.holder('person', 'colleague', ['grant']);
    const certificates = [...right.chain.certificates, colleague.certificate];
    const signing = [colleague.signer, ...signers().slice(1)];
    expect(await verify({ certificates, grant: await by(right.grant, signing) })).toEqual(refused('requester_unknown'));
  });

  it('is of this plant, and of what this point is provisioned for', async () => {
    const at = (point: typeof self) => verify({}, undefined, NOW, point);
    expect(await at({ ...self, organisation: VENDOR })).toEqual(refused('not_self'));
    expect(await at({ ...self, resources: [id('press-8')] })).toEqual(refused('not_on_provisioning_list'));
    expect(await at({ ...self, resources: [] })).toEqual(refused('not_on_provisioning_list'));
  });

  it('a machine or workload shows up by the certificate of its leaf, a person never', async () => {
    const robot = await right.who.vendor.holder('machine', 'robot', ['subject']);
    const early = await right.who.vendor.holder('machine', 'robot', ['subject'], { notBefore: NOW + 1 });
    const late = await right.who.vendor.holder('machine', 'robot', ['subject'], { notAfter: NOW });
    const useless = await right.who.vendor.holder('machine', 'robot', ['call']);
    const person = await right.who.vendor.holder('person', 'robot', ['subject']);
    const buyers = await right.who.buyer.holder('machine', 'robot', ['subject']);
    const certificates = [robot, early, late, useless, person, buyers].map((one) => one.certificate);
    const subject = { organisation: VENDOR, kind: 'machine' as const, id: id('robot') };
    const as = (leaf = robot.signer.kid, of: object = {}) =>
      verify(
        { certificates: [...right.chain.certificates, ...certificates] },
        { leaf, subject: { ...subject, ...of } },
      );
    expect(await as()).toMatchObject({ allowed: true, value: { subject, jkt: robot.signer.kid, proof: null } });
    expect(await as(early.signer.kid)).toEqual(refused('key_not_yet_valid'));
    expect(await as(late.signer.kid)).toEqual(refused('key_expired'));
    expect(await as(useless.signer.kid)).toEqual(refused('subject_unknown'));
    expect(await as(person.signer.kid)).toEqual(refused('subject_unknown'));
    expect(await as(person.signer.kid, { kind: 'person' })).toEqual(refused('subject_unknown'));
    expect(await as(robot.signer.kid, { id: id('other') })).toEqual(refused('subject_unknown'));
    expect(await as(robot.signer.kid, { kind: 'workload' })).toEqual(refused('subject_unknown'));
    expect(await as(buyers.signer.kid, { organisation: BUYER })).toEqual(refused('subject_unknown'));
    expect(await as(robot.signer.kid, { organisation: BUYER as OrganisationId })).toEqual(refused('subject_unknown'));
  });

  it('every key it rests on can be revoked: leaf, login, approvers, requester, agreement', async () => {
    const chain = await verify();
    if (!chain.allowed) throw new Error(chain.refusal.code);
    const { who } = right;
    const keys = [
      who.vendor.agreement,
      who.buyer.agreement,
      who.technician.signer,
      who.approver.signer,
      who.secondApprover.signer,
      who.vendorAgent.signer,
    ];
    const named = chain.value.keys.map((key) => key.thumbprint);
    expect(new Set(named)).toEqual(new Set([...keys.map((key) => key.kid), right.leaf]));
  });

  it('is refused whole where its documents are not documents', async () => {
    for (const chain of [undefined, {}, { ...right.chain, grant: { document: {}, signatures: [] } }])
      expect(await verifyRight(chain, right.who.pins, NOW)).toMatchObject(refused('malformed'));
  });
});
