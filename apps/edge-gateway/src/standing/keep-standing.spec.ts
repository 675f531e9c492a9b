import type { EntityDocument } from '@interlock/domain';
import { digestOf, keySigner, newPrivateKey, type Signer, signed } from '@interlock/proof';
import { aRight, type Right, rightUnder } from '@interlock/testkit/builders';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { aFolder, aKeeper, beatOf, type Kept, provisionedFor, revocationOf, standingOf } from '../../test/two-sides.js';
import { heldActs } from './held-acts.js';
import { leasesOf } from './held-agreement.js';

let right: Right;
let folder: ReturnType<typeof aFolder>;
let kept: Kept;
beforeAll(async () => {
  right = await aRight({}, Date.now());
});
beforeEach(() => {
  folder = aFolder();
  kept = aKeeper(provisionedFor(right), folder.path);
});
afterEach(() => folder[Symbol.dispose]());

const held = () => kept.keeper.agreements.get(right.agreement.id);
const anchors = () => {
  const one = held();
  return one ? leasesOf(one, Date.now()).map((lease) => lease.anchor !== null) : [];
};
const buyerBeat = (nonce: string | null, acts = [] as Parameters<typeof beatOf>[4]) =>
  beatOf(right, right.who.buyer, right.who.buyerAgent, nonce, acts);
const nonce = () => kept.keeper.nonceFor(right.agreement.id) ?? '';

describe('the standing of an agreement', () => {
  it('is held after the whole chain is followed, and both sides are asked for a beat', async () => {
    expect(await kept.keeper.takeStanding(standingOf(right))).toMatchObject({ allowed: true });
    expect(kept.sent).toEqual([{ t: 'nonce', agreementId: right.agreement.id, nonce: nonce() }]);
    expect(anchors()).toEqual([false, false]);
  });

  it('is refused when a signature of one company is missing', async () => {
    const { agreement } = right.chain;
    const half = { ...agreement, signatures: agreement.signatures.slice(0, 1) };
    expect(await kept.keeper.takeStanding(standingOf(right, { agreement: half }))).toMatchObject({ allowed: false });
    expect(held()).toBeUndefined();
  });

  it('is refused when it is of companies that are not pinned', async () => {
    const strangers = await aRight({}, Date.now());
    expect(await kept.keeper.takeStanding(standingOf(strangers))).toMatchObject({ allowed: false });
  });

  it('keeps every act when the broker says the standing again without them', async () => {
    const act = await revocationOf(right);
    await kept.keeper.takeStanding(standingOf(right, { acts: [act] }));
    await kept.keeper.takeStanding(standingOf(right));
    expect(held()?.acts.size).toBe(1);
    expect(kept.newActs).toEqual([act]);
  });

  it('is not replaced by another content under the same version', async () => {
    await kept.keeper.takeStanding(standingOf(right));
    const other = await rightUnder(
      right.who,
      { ...right.agreement, endsAt: right.agreement.endsAt + 1 },
      {},
      Date.now(),
    );
    expect(await kept.keeper.takeStanding(standingOf(other))).toMatchObject({ refusal: { code: 'older_than_held' } });
  });
});

describe('a root that another one followed', () => {
  const newRoot = () => keySigner(right.who.buyer.organisation, newPrivateKey());
  /** An entity document of the buyer by this root, which the root of the first one named. */
  const followed = async (sequence: number, by: Signer, from: number, over: Partial<EntityDocument> = {}) => {
    const { entity, root, organisation } = right.who.buyer;
    const named = {
      ...{ typ: 'root-succession' as const, v: 1 as const, organisation, from: root.key, to: by.kid },
      ...{ sequence: from, issuedAt: Date.now() },
    };
    const succeeds = [await signed(named, root, Date.now())];
    const previous = digestOf(entity.document);
    const document = { ...entity.document, sequence, previous, root: by.key, succeeds, ...over };
    return signed(document, by, Date.now());
  };
  const standingWith = (entity: Awaited<ReturnType<typeof followed>>) =>
    standingOf(right, { entities: [...right.chain.entities, entity] });

  it('is gone on with under the pin of the old one, and whoever has the old one offers no line of his own', async () => {
    const [next, thief] = [newRoot(), newRoot()];
    await kept.keeper.takeStanding(standingOf(right));
    for (const sequence of [2, 3])
      expect(await kept.keeper.takeStanding(standingWith(await followed(sequence, next, 2)))).toMatchObject({
        allowed: true,
      });
    // The broker withholds what the new root signed, and plays what the old one names instead.
    const others = [await followed(4, thief, 4), await followed(4, thief, 2)];
    for (const other of others)
      expect(await kept.keeper.takeStanding(standingWith(other))).toMatchObject({
        refusal: { code: 'older_than_held' },
      });
    const known = held()?.ring.entities.get(right.who.buyer.organisation);
    expect([known?.document.sequence, known?.document.root]).toEqual([3, next.key]);
  });

  it('is not taken back by what came before it, nor by another document of its number', async () => {
    const next = newRoot();
    await kept.keeper.takeStanding(standingWith(await followed(2, next, 2)));
    for (const standing of [standingOf(right), standingWith(await followed(2, next, 2, { name: 'Another name' }))])
      expect(await kept.keeper.takeStanding(standing)).toMatchObject({ refusal: { code: 'older_than_held' } });
  });
});

describe('a beat', () => {
  beforeEach(() => kept.keeper.takeStanding(standingOf(right)));

  it('gives a lease only to the side that answers a nonce of this boot', async () => {
    expect(await kept.keeper.takeBeat(await buyerBeat(null))).toMatchObject({ allowed: true });
    expect(anchors()).toEqual([false, false]);
    expect(await kept.keeper.takeBeat(await buyerBeat('a nonce of an earlier boot'))).toMatchObject({ allowed: true });
    expect(anchors()).toEqual([false, false]);
    expect(await kept.keeper.takeBeat(await buyerBeat(nonce()))).toMatchObject({ allowed: true });
    expect(anchors()).toEqual([false, true]);
  });

  it('that names an act this gateway does not hold gives nothing, and the standing is asked for', async () => {
    const act = await revocationOf(right);
    const beat = await buyerBeat(nonce(), [act.document]);
    expect(await kept.keeper.takeBeat(beat)).toMatchObject({ refusal: { code: 'not_what_is_held' } });
    expect(anchors()).toEqual([false, false]);
    expect(kept.sent.at(-1)).toEqual({ t: 'ask-standing', agreementId: right.agreement.id });
    await kept.keeper.takeAct(act);
    expect(await kept.keeper.takeBeat(beat)).toMatchObject({ allowed: true });
  });

  it("of one side signed by the other side's agent gives nothing", async () => {
    const beat = await beatOf(right, right.who.vendor, right.who.buyerAgent, nonce());
    expect(await kept.keeper.takeBeat(beat)).toMatchObject({ allowed: false });
    expect(anchors()).toEqual([false, false]);
  });

  it('of an agreement nobody told of is nobody to it', async () => {
    const fresh = aKeeper(provisionedFor(right), folder.path);
    expect(await fresh.keeper.takeBeat(await buyerBeat(null))).toMatchObject({ refusal: { code: 'not_a_party' } });
  });
});

describe('an order to lock the gateway out', () => {
  const order = () => revocationOf(right, { verb: 'suspend', target: { kind: 'gateway', id: right.who.gateway.id } });
  const own = () => ({ entities: [right.who.buyer.entity], certificates: [right.who.buyerAgent.certificate] });

  it('needs no agreement that is held, but the whole chain of its own company', async () => {
    const act = await order();
    const { entities, certificates } = own();
    expect(await kept.keeper.takeAct(act)).toMatchObject({ refusal: { code: 'not_a_party' } });
    expect(await kept.keeper.takeAct(act, { entities, certificates: [] })).toMatchObject({ allowed: false });
    expect(kept.newActs).toEqual([]);
    expect(await kept.keeper.takeAct(act, { entities, certificates })).toMatchObject({ allowed: true });
    expect(kept.newActs).toEqual([act]);
  });

  it('is the only act that is taken so', async () => {
    for (const over of [{}, { target: { kind: 'gateway', id: right.who.technician.id } } as const]) {
      const act = await revocationOf(right, { verb: 'suspend', ...over });
      expect(await kept.keeper.takeAct(act, own())).toMatchObject({ refusal: { code: 'not_a_party' } });
    }
    const { certificate, signer } = right.who.vendorAgent;
    const act = (await order()).document;
    const foreign = { entities: [right.who.vendor.entity], certificates: [certificate] };
    const forged = await signed(act, signer, Date.now());
    expect(await kept.keeper.takeAct(forged, foreign)).toMatchObject({ allowed: false });
    expect(kept.newActs).toEqual([]);
  });
});

describe('a restart', () => {
  it('has no lease and no nonce of the boot before it, and knows the cut that came by hand', async () => {
    await kept.keeper.takeStanding(standingOf(right));
    const before = nonce();
    const act = await revocationOf(right);
    await kept.keeper.takeAct(act);
    for (const one of kept.newActs) heldActs(folder.path).keep(one);

    kept = aKeeper(provisionedFor(right), folder.path);
    await kept.keeper.takeStanding(standingOf(right));
    for (const one of heldActs(folder.path).of(right.agreement.id)) await kept.keeper.takeAct(one.act, one.chain);
    expect(held()?.acts.size).toBe(1);
    await kept.keeper.takeBeat(await buyerBeat(before, [act.document]));
    expect(anchors()).toEqual([false, false]);
  });

  it('verifies a handed act by the chain it was kept with, also when the broker withholds its certificate', async () => {
    const withheld = right.chain.certificates.filter((one) => one.document.holder.id !== right.who.buyerAgent.id);
    const poor = standingOf(right, { certificates: withheld });
    const act = await revocationOf(right);
    const { entities, certificates } = right.chain;
    await kept.keeper.takeStanding(poor);
    expect(await kept.keeper.takeAct(act)).toMatchObject({ allowed: false });
    expect(await kept.keeper.takeAct(act, { entities, certificates })).toMatchObject({ allowed: true });
    heldActs(folder.path).keep(act, { entities, certificates });

    kept = aKeeper(provisionedFor(right), folder.path);
    await kept.keeper.takeStanding(poor);
    for (const one of heldActs(folder.path).of(right.agreement.id)) await kept.keeper.takeAct(one.act, one.chain);
    expect(held()?.acts.size).toBe(1);
  });
});
