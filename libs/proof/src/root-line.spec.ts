import {
  type EntityDocument,
  lastVersionOf,
  type RootSuccession,
  type Signed,
  type Thumbprint,
} from '@interlock/domain';
import { anAgreement, aPartnership, BUYER, NOW, type Partnership } from '@interlock/testkit/builders';
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  digestOf,
  keySigner,
  newPrivateKey,
  type Signer,
  signDocument,
  signed,
  trust,
  verifyAgreement,
  verifySuccession,
} from './index.js';

const newRoot = () => keySigner(BUYER, newPrivateKey());

const succession = (from: Signer, to: Signer, sequence: number, by = from): Promise<Signed<RootSuccession>> =>
  signed(
    { typ: 'root-succession', v: 1, organisation: BUYER, from: from.key, to: to.kid, sequence, issuedAt: NOW },
    by,
    NOW,
  );

describe('a root that follows another', () => {
  let who: Partnership;
  let first: Signed<EntityDocument>;
  let oldRoot: Signer;
  const [next, evil] = [newRoot(), newRoot()];

  beforeAll(async () => {
    who = await aPartnership();
    [first, oldRoot] = [who.buyer.entity, who.buyer.root];
  });

  const version = async (
    sequence: number,
    by: Signer,
    succeeds: Signed<RootSuccession>[] = [],
    over: Partial<EntityDocument> = {},
  ) =>
    signed(
      {
        ...first.document,
        sequence,
        previous: digestOf(first.document),
        root: by.key,
        ...(succeeds.length > 0 && { succeeds }),
        ...over,
      },
      by,
      NOW,
    );
  const ringBy = (entities: unknown[], pin: Thumbprint) => trust(entities, [], new Map([[BUYER, pin]]), NOW);
  const codeBy = async (entities: unknown[], pin: Thumbprint) => {
    const ring = await ringBy(entities, pin);
    return ring.allowed ? 'allowed' : ring.refusal.code;
  };
  const second = async () => version(2, next, [await succession(oldRoot, next, 2)]);

  it('is followed from the old pin, and from the new one back to what the old root signed', async () => {
    const all = [first, await second()];
    for (const pin of [oldRoot.kid, next.kid]) {
      const ring = await ringBy(all, pin);
      if (!ring.allowed) throw new Error(ring.refusal.code);
      const known = ring.value.entities.get(BUYER);
      expect([known?.document.sequence, known?.history.size, [...(known?.roots ?? [])]]).toEqual([
        2,
        2,
        [next.kid, oldRoot.kid],
      ]);
    }
    expect(await codeBy([await second()], oldRoot.kid)).toBe('allowed');
    expect(await codeBy([first], next.kid)).toBe('root_mismatch');
  });

  it('keeps agreements that name the old one, under either pin', async () => {
    const agreement = anAgreement(who);
    const signatures = await Promise.all(
      [who.vendor, who.buyer].map((one) => signDocument(agreement, one.agreement, NOW)),
    );
    for (const pin of [oldRoot.kid, next.kid]) {
      const pins = new Map([...who.pins, [BUYER, pin]]);
      const ring = await trust([who.vendor.entity, first, await second()], [], pins, NOW);
      if (!ring.allowed) throw new Error(ring.refusal.code);
      expect(await verifyAgreement({ document: agreement, signatures }, ring.value, pins, NOW)).toMatchObject({
        allowed: true,
      });
    }
  });

  it('is named by the old one alone, for this organisation, in this place', async () => {
    const good = await succession(oldRoot, next, 2);
    expect(await verifySuccession(good, NOW)).toMatchObject({ allowed: true, value: { to: next.kid } });
    const by = async (succeeds: Signed<RootSuccession>[]) => codeBy([await version(2, next, succeeds)], oldRoot.kid);
    expect(await by([good])).toBe('allowed');
    expect(await by([await succession(oldRoot, next, 2, evil)])).toBe('root_mismatch');
    expect(await by([await succession(oldRoot, evil, 2)])).toBe('root_mismatch');
    expect(await by([await succession(oldRoot, next, 3)])).toBe('root_mismatch');
    expect(await by([{ ...good, document: { ...good.document, organisation: who.vendor.organisation } }])).toBe(
      'root_mismatch',
    );
    expect(await by([])).toBe('root_mismatch');
    expect(await verifySuccession({ ...good, document: { ...good.document, to: evil.kid } }, NOW)).toMatchObject({
      refusal: { code: 'bad_signature' },
    });
  });

  it('leaves whoever has the old one no number after it, and no other line', async () => {
    const late = await version(3, oldRoot);
    const otherLine = await version(5, evil, [await succession(oldRoot, evil, 2)]);
    for (const pin of [oldRoot.kid, next.kid]) {
      expect(await codeBy([await second(), late], pin)).toBe('entity_fork');
      expect(await codeBy([await second(), otherLine], pin)).toBe('entity_fork');
    }
    const fourth = await version(4, next, [await succession(oldRoot, next, 2)]);
    for (const pin of [oldRoot.kid, next.kid]) expect(await codeBy([fourth, late], pin)).toBe('entity_fork');
    for (const alone of [late, otherLine]) expect(await codeBy([alone], next.kid)).toBe('root_mismatch');
  });

  it('may be followed itself, and goes in no circle', async () => {
    const third = newRoot();
    const line = [await succession(next, third, 3), await succession(oldRoot, next, 2)];
    for (const pin of [oldRoot.kid, next.kid, third.kid])
      expect(await codeBy([first, await second(), await version(3, third, line)], pin)).toBe('allowed');
    const circle = [await succession(next, oldRoot, 3), await succession(oldRoot, next, 2)];
    expect(await codeBy([await version(3, oldRoot, circle)], oldRoot.kid)).toBe('reference_cyclic');
  });

  it('leaves what the old one prepared to revoke all to those who still pin it', async () => {
    const prepared = await signed(lastVersionOf(first.document), oldRoot, NOW);
    const ring = await ringBy([first, await second(), prepared], oldRoot.kid);
    expect(ring.allowed && ring.value.entities.get(BUYER)?.revoked).toBe(true);
    expect(await codeBy([prepared], next.kid)).toBe('root_mismatch');
  });
});
