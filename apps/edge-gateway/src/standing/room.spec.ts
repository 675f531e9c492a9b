import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Act, LocalId, Signal, Signed, StatusList, Verdict } from '@interlock/domain';
import { decide } from '@interlock/domain';
import { digestOf, signed, verifyChain } from '@interlock/proof';
import { aRight, BUYER, type Right, VENDOR } from '@interlock/testkit/builders';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { aFolder, aKeeper, beatOf, type Kept, provisionedFor, revocationOf, standingOf } from '../../test/two-sides.js';
import { heldActs } from './held-acts.js';
import { circumstancesOf } from './held-agreement.js';
import { BOUNDS, type Bounds, Room } from './room.js';

let right: Right;
let folder: ReturnType<typeof aFolder>;
let kept: Kept;
beforeAll(async () => {
  right = await aRight({}, Date.now());
});
beforeEach(() => {
  folder = aFolder();
});
afterEach(() => folder[Symbol.dispose]());

/** The buyer's gateway, with this much room for the vendor. */
async function started(bounds: Partial<Bounds>): Promise<void> {
  kept = aKeeper(provisionedFor(right), folder.path, undefined, { ...BOUNDS, ...bounds });
  await kept.keeper.takeStanding(standingOf(right));
}
const held = () => {
  const one = kept.keeper.agreements.get(right.agreement.id);
  if (!one) throw new Error('the agreement is not held');
  return one;
};

/** An act of the vendor about something of its own that nobody uses; each is another one. */
const junk = (sequence: number): Promise<Signed<Act>> =>
  signed(
    {
      ...JUNK,
      agreementId: right.agreement.id,
      sequence,
      target: { kind: 'person', id: `nobody-${sequence}` as LocalId },
    },
    right.who.vendorAgent.signer,
    Date.now(),
  );
const JUNK = {
  typ: 'act',
  v: 1,
  verb: 'revoke',
  organisation: VENDOR,
  reason: 'to fill the memory of the gateway',
  lifts: null,
  previous: null,
  issuedAt: Date.now(),
} as const;

/** Whether the use that both sides granted goes on. */
async function goesOn(): Promise<string> {
  const self = provisionedFor(right);
  const chain = await verifyChain(right.chain, self.pins, self, { loginProof: right.loginProof }, Date.now());
  if (!chain.allowed) return chain.refusal.code;
  const [action, resource] = [right.grant.actions[0], right.grant.resources[0]];
  if (!action || !resource) throw new Error('a grant names what it is for');
  const ask = { subject: chain.value.subject, leaf: chain.value.jkt, action, resource, session: null };
  const decision = decide(chain.value, ask, circumstancesOf(held()), Date.now());
  return decision.allowed ? 'goes on' : decision.refusal.code;
}

describe('a partner who signs acts without end', () => {
  it('fills its own room and no more; what does not fit ends everything at once, and is no cut that was lost', async () => {
    const size = JSON.stringify(await junk(1)).length;
    await started({ actBytes: 4 * size + 8 });
    for (let at = 1; at <= 4; at++) await kept.keeper.takeAct(await junk(at));
    expect([await goesOn(), held().acts.size]).toEqual(['goes on', 4]);
    const changes = kept.changes.length;
    for (let at = 5; at <= 12; at++)
      expect(await kept.keeper.takeAct(await junk(at))).toMatchObject({ refusal: { code: 'beyond_bounds' } });
    expect([await goesOn(), held().acts.size]).toEqual(['beyond_bounds', 4]);
    // Whatever is live is looked at again.
    expect(kept.changes.length).toBeGreaterThan(changes);
    expect(kept.newActs).toHaveLength(4);
  });

  it('stays beyond it over a restart, though the broker brings none of it again', async () => {
    await started({ actBytes: 10 });
    await kept.keeper.takeAct(await junk(1));
    await started({ actBytes: 10 });
    expect(await goesOn()).toBe('beyond_bounds');
  });

  it('takes nothing from what the own company cuts, nor from what it holds', async () => {
    await started({ actBytes: 10 });
    await kept.keeper.takeAct(await junk(1));
    const own = await revocationOf(right);
    expect(await kept.keeper.takeAct(own)).toMatchObject({ allowed: true });
    expect([...held().acts.values()].map(({ act }) => act)).toEqual([own.document]);
  });

  it('says the same act again for nothing, however it comes', async () => {
    const act = await junk(1);
    await started({ actBytes: JSON.stringify(act).length });
    for (let at = 0; at < 5; at++) await kept.keeper.takeAct(act);
    await kept.keeper.takeStanding(standingOf(right, { acts: [act, act] }));
    expect([await goesOn(), held().acts.size]).toEqual(['goes on', 1]);
  });

  it('makes the file of acts no longer than what is held', async () => {
    const size = JSON.stringify(await junk(1)).length;
    await started({ actBytes: 2 * size + 8 });
    const acts = heldActs(folder.path, BUYER);
    for (let at = 1; at <= 8; at++) await kept.keeper.takeAct(await junk(at));
    for (const act of kept.newActs) acts.keep(act);
    expect(statSync(join(folder.path, 'acts.ndjson')).size).toBeLessThan(2.2 * size);
  });

  it('ends it too where the acts come with everything that stands', async () => {
    await started({ actBytes: 10 });
    expect(await kept.keeper.takeStanding(standingOf(right, { acts: [await junk(1)] }))).toMatchObject({
      allowed: true,
    });
    expect(await goesOn()).toBe('beyond_bounds');
  });
});

describe('a partner who calls ids invalid without end', () => {
  const listOf = async (sequence: number, ids: readonly string[]) => {
    const { statusList } = await beatOf(right, right.who.vendor, right.who.vendorAgent, null);
    const list: StatusList = { ...statusList.document, sequence, invalid: ids };
    return signed(list, right.who.vendorAgent.signer, Date.now());
  };

  it('ends what goes on with the first that does not fit, and is remembered by no more than fit', async () => {
    await started({ invalidIds: 3 });
    await kept.keeper.takeStanding(standingOf(right, { statusLists: [await listOf(1, ['a', 'b', 'c'])] }));
    await kept.keeper.takeStanding(standingOf(right, { statusLists: [await listOf(2, ['a', 'b', 'c'])] }));
    expect(await goesOn()).toBe('goes on');
    await kept.keeper.takeStanding(standingOf(right, { statusLists: [await listOf(3, ['d', 'e', 'f'])] }));
    expect([await goesOn(), held().invalid.size]).toEqual(['beyond_bounds', 3]);
  });
});

describe('a partner who says yes and no without end', () => {
  const over = (grant: string, more: Partial<Verdict> = {}) =>
    signed(
      {
        typ: 'verdict',
        v: 1,
        kind: 'embargo',
        organisation: VENDOR,
        grant: digestOf({ grant }),
        outcome: 'clear',
        snapshot: digestOf(right.agreement),
        issuedAt: Date.now(),
        expiresAt: Date.now() + 3_600_000,
        ...more,
      } as Verdict,
      right.who.vendorAgent.signer,
      Date.now(),
    );
  const say = async (grant: string, more?: Partial<Verdict>) =>
    kept.keeper.onFrame({ t: 'verdict', verdict: await over(grant, more) });
  const outcomes = () => [...held().verdicts.values()].map(({ outcome }) => outcome);

  it('about ever other grants is not held beyond its room; what is held stays, and turns', async () => {
    await started({ verdicts: 2 });
    for (const grant of ['one', 'two', 'three', 'four']) await say(grant);
    expect(outcomes()).toEqual(['clear', 'clear']);
    await say('one', { outcome: 'blocked', issuedAt: Date.now() + 1 });
    expect(outcomes()).toEqual(['blocked', 'clear']);
  });

  it('cannot keep out what is said of a flow in the agreement, in whatever order it comes', async () => {
    await started({ verdicts: 1 });
    const about = { grant: digestOf(right.grant) };
    const verdicts = [await over('one'), await over('two'), await over('a flow', about)];
    await kept.keeper.takeStanding(standingOf(right, { verdicts, flows: [right.chain.grant] }));
    expect([...held().verdicts.values()].map(({ grant }) => grant)).toContain(about.grant);
  });

  it('leaves a third party its own room, of every kind', () => {
    const { firstHeld } = { firstHeld: Object.assign((_: unknown, now: number) => now, { before: () => undefined }) };
    const room = new Room({ self: BUYER, agreement: right.agreement, firstHeld, bounds: { ...BOUNDS, verdicts: 1 } });
    const third = 'fitters.example' as typeof VENDOR;
    const taken = [VENDOR, VENDOR, third, third].map((one) => room.take(one, 'verdicts'));
    expect([taken, room.take(VENDOR, 'signals')]).toEqual([[true, false, true, false], true]);
  });

  it('leaves the other company its own room', async () => {
    await started({ verdicts: 0, signals: 0 });
    const { signer } = right.who.buyerAgent;
    const own = await over('one', { organisation: BUYER });
    await kept.keeper.onFrame({ t: 'verdict', verdict: await signed(own.document, signer, Date.now()) });
    await say('two');
    expect([...held().verdicts.values()].map(({ organisation }) => organisation)).toEqual([BUYER]);
  });
});

describe('a partner who names facts without end', () => {
  it('is not heard beyond its room, and the owner of the machine still is', async () => {
    await started({ signals: 1 });
    const [theirs, ours] = await Promise.all([
      right.who.vendor.holder('person', 'fitter', ['signal']),
      right.who.buyer.holder('person', 'shift-lead', ['signal']),
    ]);
    const { entities, certificates } = right.chain;
    const chain = { entities, certificates: [...certificates, theirs.certificate, ours.certificate] };
    const say = async (of: typeof theirs, organisation: Signal['organisation'], name: string) => {
      const about = { kind: 'resource' as const, id: 'press-7' as LocalId };
      const signal = { typ: 'signal', v: 1, organisation, signal: name as LocalId, about, holds: true, at: Date.now() };
      const taken = await kept.keeper.takeSignal(await signed(signal as Signal, of.signer, Date.now()), chain);
      return taken.allowed ? 'heard' : taken.refusal.code;
    };
    expect([await say(theirs, VENDOR, 'a'), await say(theirs, VENDOR, 'b')]).toEqual(['heard', 'rate_limited']);
    expect(await say(ours, BUYER, 'presence')).toBe('heard');
  });
});
