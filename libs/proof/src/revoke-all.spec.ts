import { decide, type EntityDocument, LAST_SEQUENCE, type LocalId, lastVersionOf } from '@interlock/domain';
import { aCompany, aRight, BUYER, NOW, type Right, VENDOR } from '@interlock/testkit/builders';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { signed } from './envelope.js';
import { verifyAgreement, verifyChain, verifyRight } from './right.js';
import { trust, verifyEntity } from './trust.js';

let right: Right;
beforeAll(async () => {
  right = await aRight();
});
/** What the vendor's root signed at enrolment, 29 days before; over since long in years of other documents. */
const prepared = async (over: Partial<EntityDocument> = {}) => {
  const { vendor } = right.who;
  return signed({ ...lastVersionOf(vendor.entity.document), ...over }, vendor.root, NOW - 86_400_000);
};
const self = { organisation: BUYER, resources: ['press-7' as LocalId] };

describe('what a root prepared to revoke everything', () => {
  it('ends every right of its organisation wherever it is shown, beside all its other documents', async () => {
    const entities = [...right.chain.entities, await prepared()];
    for (const order of [entities, [...entities].reverse()]) {
      const documents = { ...right.chain, entities: order };
      const entering = verifyChain(documents, right.who.pins, self, { loginProof: right.loginProof }, NOW);
      expect(await entering).toMatchObject({ refusal: { code: 'organisation_revoked', clause: VENDOR } });
    }
  });

  it('counts also when its dates have passed, and alone', async () => {
    const late = NOW + 365 * 86_400_000;
    expect(await verifyEntity(await prepared(), right.who.pins, late)).toMatchObject({ allowed: true });
    const alone = await trust([await prepared()], [], right.who.pins, NOW);
    expect(alone.allowed && alone.value.entities.get(VENDOR)).toMatchObject({ revoked: true, document: { keys: [] } });
  });

  it('leaves the past to be read: what was agreed still verifies by the versions before it', async () => {
    const { entities, certificates, agreement } = right.chain;
    const ring = await trust([...entities, await prepared()], certificates, right.who.pins, NOW);
    if (!ring.allowed) throw new Error(ring.refusal.code);
    expect(await verifyAgreement(agreement, ring.value, right.who.pins, NOW)).toMatchObject({ allowed: true });
  });

  it('is signed by the pinned root alone, is about that organisation, and names no key', async () => {
    const [stranger, { buyer, pins, technician }] = [await aCompany(VENDOR, NOW), right.who];
    const refused = async (input: unknown) => {
      const verified = await verifyEntity(input, pins, NOW);
      return verified.allowed ? 'allowed' : verified.refusal.code;
    };
    const document = lastVersionOf(right.who.vendor.entity.document);
    expect(await refused(await signed(lastVersionOf(stranger.entity.document), stranger.root, NOW))).toBe(
      'root_mismatch',
    );
    expect(await refused(await signed(document, right.who.vendor.certify, NOW))).toBe('unknown_key');
    expect(await refused(await signed(document, buyer.root, NOW))).toBe('wrong_issuer');
    expect(await refused(await prepared({ keys: [{ key: technician.signer.key, purposes: ['certify'] }] }))).toBe(
      'malformed',
    );
    expect(document).toMatchObject({ sequence: LAST_SEQUENCE, keys: [] });
  });

  it('ends what is live: decided again, it is refused', async () => {
    const chain = await verifyChain(right.chain, right.who.pins, self, { loginProof: right.loginProof }, NOW);
    if (!chain.allowed) throw new Error(chain.refusal.code);
    const resource = { owner: BUYER, id: 'press-7' as LocalId };
    const ask = { subject: chain.value.subject, leaf: right.leaf, action: 'ssh' as LocalId, resource, session: null };
    const none = { acts: [], verdicts: [], annexes: [], invalid: new Set<string>() };
    const after = (revoked: ReadonlySet<typeof BUYER>) => decide(chain.value, ask, { ...none, revoked }, NOW);
    expect(after(new Set())).toMatchObject({ allowed: true });
    expect(after(new Set([VENDOR]))).toMatchObject({ refusal: { code: 'organisation_revoked', clause: VENDOR } });
    expect(after(new Set([BUYER]))).toMatchObject({ refusal: { code: 'organisation_revoked' } });
  });

  it('takes nothing from agreements of others', async () => {
    const third = await aCompany('third.example', NOW);
    const last = await signed(lastVersionOf(third.entity.document), third.root, NOW);
    const pins = new Map([...right.who.pins, [third.organisation, third.pin]]);
    expect(await verifyRight(right.chain, pins, NOW)).toMatchObject({ allowed: true });
    const ring = await trust([...right.chain.entities, last], right.chain.certificates, pins, NOW);
    expect(ring.allowed && ring.value.entities.get(VENDOR)?.revoked).toBe(false);
  });
});
