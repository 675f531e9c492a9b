import type { Act, Signed } from '@interlock/domain';
import { keySigner, newPrivateKey, signed } from '@interlock/proof';
import { BUYER, bothSign, VENDOR } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { beatBoth, resumeOf, revocation, speech, suspension } from './honest-agents.js';
import { aPlant, enter, opened, type Plant, ready, refused, shortLease, stateOf, until } from './plant.js';

const LEASE = shortLease.leaseSeconds * 1000;
/** What a timer of a busy machine may be late by, in milliseconds. */
const SLACK = 2_000;

/** A plant whose agreement gives a session two seconds after the last beat of each side. */
const leased = async (): Promise<Plant> => {
  const base = await aPlant();
  const terms = base.right.agreement.terms.map((term) => (term.type === 'offline' ? shortLease : term));
  await base[Symbol.asyncDispose]();
  return aPlant({ changes: { agreement: { terms } } });
};

describe('a broker that withholds a cut', () => {
  it('(d) keeps nothing open beyond the lease, though it goes on talking and signs lists of its own', async () => {
    await using plant = await leased();
    const session = await opened(plant);
    const { right, broker } = plant;
    const revoked = [revocation(right)];
    const since = performance.now();
    // From here on both agents know of the cut; the broker passes on what names it, but neither the act nor the list.
    const forger = { ...right.who.buyerAgent, signer: keySigner(BUYER, newPrivateKey()) };
    broker.onNonce = async (nonce) => {
      const honest = await speech(right, right.who.buyer, right.who.buyerAgent, nonce, revoked);
      const older = await speech(right, right.who.buyer, right.who.buyerAgent, nonce);
      const forged = await speech(right, right.who.buyer, forger, nonce);
      broker.say({ t: 'beat', beat: honest.beat, statusList: older.statusList });
      broker.say({ t: 'beat', ...forged });
      broker.say({ t: 'beat', beat: older.beat, statusList: forged.statusList });
      broker.say({ t: 'beat', ...(await speech(right, right.who.vendor, right.who.vendorAgent, nonce)) });
    };
    expect(await session.closed).toMatchObject({ code: 'lease_over' });
    expect(performance.now() - since).toBeLessThan(LEASE + SLACK);
    const before = plant.machine.bytes();
    expect(await refused(plant)).toBe('lease_over');
    expect(plant.machine.bytes()).toBe(before);
    expect(plant.heard.some((line) => line.event === 'beat.refused' && line.code === 'not_what_is_held')).toBe(true);
    expect(plant.heard.some((line) => line.event === 'beat.refused' && line.code === 'unknown_key')).toBe(true);
  }, 30_000);

  it('(l) cannot stretch a lease with hoarded beats, one per lease, nor with one side alone', async () => {
    await using plant = await leased();
    const session = await opened(plant);
    const { right, broker } = plant;
    const hoard: object[] = [];
    broker.onNonce = async (nonce) => {
      const { vendor, vendorAgent, buyer, buyerAgent } = right.who;
      hoard.push({ t: 'beat', ...(await speech(right, buyer, buyerAgent, nonce)) });
      broker.say({ t: 'beat', ...(await speech(right, vendor, vendorAgent, nonce)) });
    };
    await until(() => hoard.length >= 3);
    const since = performance.now();
    broker.onNonce = async (nonce) =>
      broker.say({ t: 'beat', ...(await speech(right, right.who.vendor, right.who.vendorAgent, nonce)) });
    const play = setInterval(() => broker.say(hoard.shift() ?? { t: 'silence' }), LEASE / 2.5);
    expect(await session.closed).toMatchObject({ code: 'lease_over' });
    clearInterval(play);
    expect(performance.now() - since).toBeLessThan(LEASE + SLACK);
    await until(() => performance.now() - since > LEASE);
    for (const beat of hoard) broker.say(beat);
    expect(await refused(plant)).toBe('lease_over');
  }, 30_000);

  it('(l) opens nothing with beats that answer nothing, of one side, for others, of others, or for what is not held', async () => {
    await using plant = await aPlant({ beating: false });
    const { right, broker } = plant;
    const { vendor, vendorAgent, buyer, buyerAgent } = right.who;
    await until(() => broker.nonces.length > 0);
    const nonce = () => broker.nonces.at(-1)?.nonce ?? '';
    const of = async (
      company: typeof vendor,
      agent: typeof vendorAgent,
      over: object,
      answers: string | null = nonce(),
    ) => broker.say({ t: 'beat', ...(await speech(right, company, agent, answers, [], over)) });
    const rejected = (code: string) =>
      until(() => plant.heard.some((line) => line.event === 'beat.refused' && line.code === code));
    await beatBoth(broker, right, null);
    await beatBoth(broker, right, 'a-nonce-of-an-earlier-boot');
    const elsewhere = { receiver: { organisation: BUYER, id: 'other-gateway' } };
    await of(vendor, vendorAgent, elsewhere);
    await of(buyer, buyerAgent, elsewhere);
    await rejected('wrong_receiver');
    for (const kind of ['agreement', 'entity', 'acts', 'status'] as const) {
      await of(buyer, buyerAgent, { [kind]: `sha256:${'A'.repeat(43)}` });
      await of(vendor, vendorAgent, { [kind]: `sha256:${'A'.repeat(43)}` });
    }
    await rejected('not_what_is_held');
    await of(vendor, buyerAgent, {});
    await rejected('wrong_issuer');
    await of(buyer, buyerAgent, { epoch: 2 });
    await rejected('epoch_over');
    await of(buyer, buyerAgent, { issuedAt: Date.now() + 120_000 });
    await rejected('from_the_future');
    await of(vendor, vendorAgent, {});
    await until(async () => (await stateOf(plant)).agreements[0]?.leases[VENDOR] === true);
    expect((await stateOf(plant)).agreements[0]?.leases[BUYER]).not.toBe(true);
    expect(await refused(plant)).toBe('lease_over');
    await of(buyer, buyerAgent, {});
    await ready(plant);
    expect(plant.machine.bytes()).toBe(0);
  }, 30_000);

  it('(l) cannot let a predecessor beat on: a later epoch ends the earlier', async () => {
    await using plant = await aPlant({ beating: false });
    const { right, broker } = plant;
    const { buyer, buyerAgent } = right.who;
    const next = await buyer.holder('agent', 'agent', ['beat', 'narrow', 'login'], { epoch: 2 });
    const beaten = async (agent: typeof next, epoch: number) =>
      broker.say({
        t: 'beat',
        ...(await speech(right, buyer, agent, broker.nonces.at(-1)?.nonce ?? '', [], { epoch })),
      });
    const refusals = (code: string) =>
      plant.heard.filter((line) => line.event === 'beat.refused' && line.code === code).length;
    /** Beats until it is refused for this: what a standing changes is seen, not guessed. */
    const beatenUntil = (agent: typeof next, epoch: number, code: string, times: number) =>
      until(async () => {
        await beaten(agent, epoch);
        return refusals(code) >= times;
      });
    await until(() => broker.nonces.length > 0);
    broker.standing(right, { certificates: [...right.chain.certificates, next.certificate] });
    await beatenUntil(buyerAgent, 1, 'epoch_over', 1);
    await beaten(next, 2);
    await until(async () => (await stateOf(plant)).agreements[0]?.leases[BUYER] === true);
    // The successor's certificate is kept back from now on: what was heard of it is not forgotten.
    broker.standing(right);
    await beatenUntil(next, 2, 'unknown_key', 1);
    await beatenUntil(buyerAgent, 1, 'epoch_over', refusals('epoch_over') + 1);
  }, 30_000);

  it('(l) cannot let a revoked key beat on, whatever that key says', async () => {
    await using plant = await leased();
    const session = await opened(plant);
    const { right, broker } = plant;
    const { buyer, buyerAgent } = right.who;
    const hand = await buyer.holder('person', 'shift-lead', ['narrow']);
    const stolen = revocation(right, { target: { kind: 'key', id: buyerAgent.signer.kid } });
    const act = await signed(stolen, hand.signer, Date.now());
    // The thief knows of the revocation and beats for it like an honest agent, beside a list that a good key signed.
    const second = await buyer.holder('agent', 'second-agent', ['beat']);
    broker.onNonce = async (nonce) => {
      await beatBoth(broker, right, nonce, [stolen]);
      const { beat, statusList } = await speech(right, buyer, buyerAgent, nonce, [stolen]);
      broker.say({ t: 'beat', beat, statusList: await signed(statusList.document, second.signer, Date.now()) });
    };
    const certificates = [...right.chain.certificates, hand.certificate, second.certificate];
    broker.standing(right, { certificates, acts: [act] } as never);
    await until(() => plant.heard.some((line) => line.event === 'beat.refused' && line.code === 'unknown_key'));
    expect(await session.closed).toMatchObject({ code: 'lease_over' });
    expect(await refused(plant)).toBe('lease_over');
  }, 30_000);
});

describe('replays', () => {
  it('(e) a resume lifts the one suspension it names, signed by both, and no later one', async () => {
    await using plant = await aPlant();
    await ready(plant);
    const { right, broker } = plant;
    const { vendor, buyer, buyerAgent } = right.who;
    const first = suspension(right, 1);
    const second = suspension(right, 3);
    const heard: Signed<Act>[] = [];
    const say = async (act: Signed<Act>) => {
      heard.push(act);
      broker.onNonce = (nonce) =>
        void beatBoth(
          broker,
          right,
          nonce,
          heard.map((one) => one.document),
        );
      broker.say({ t: 'act', act });
    };
    await say(await signed(first, buyerAgent.signer, Date.now()));
    expect(await refused(plant)).toBe('taken_away');
    broker.say({ t: 'act', act: await resumeOf(first, [buyer.agreement]) });
    broker.say({ t: 'act', act: await resumeOf(first, [vendor.agreement]) });
    broker.say({ t: 'act', act: await resumeOf(first, [buyerAgent.signer, vendor.agreement]) });
    expect(await refused(plant)).toBe('taken_away');
    await say(await resumeOf(first, [buyer.agreement, vendor.agreement]));
    await until(async () => (await stateOf(plant)).agreements[0]?.acts === 2);
    const session = await enter(plant);
    expect(session).toMatchObject({ allowed: true });
    await say(await signed(second, buyerAgent.signer, Date.now()));
    if (session.allowed) expect(await session.value.closed).toMatchObject({ code: 'taken_away' });
    for (const old of [...heard].reverse()) broker.say({ t: 'act', act: old });
    expect(await refused(plant)).toBe('taken_away');
    expect(plant.machine.bytes()).toBe(0);
  }, 30_000);

  it('(e) what a status list has called invalid stays so when an older list comes again', async () => {
    await using plant = await aPlant();
    await ready(plant);
    const { right, broker } = plant;
    const { buyer, buyerAgent } = right.who;
    const old = await speech(right, buyer, buyerAgent, null);
    const newer = await speech(right, buyer, buyerAgent, null, [revocation(right)]);
    broker.standing(right, { statusLists: [newer.statusList] } as never);
    await until(async () => (await refused(plant)) === 'status_invalid');
    broker.standing(right, { statusLists: [old.statusList] } as never);
    broker.say({ t: 'beat', ...old });
    expect(await refused(plant)).toBe('status_invalid');
    expect(plant.machine.bytes()).toBe(0);
  });

  it('(e) an older entity document is not taken for the newer one, nor a second one of its number', async () => {
    await using plant = await aPlant();
    await ready(plant);
    const { right, broker } = plant;
    const { vendor } = right.who;
    const before = vendor.entity.document;
    const next = await signed({ ...before, sequence: 2, name: 'renamed' }, vendor.root, Date.now());
    const twin = await signed({ ...before, sequence: 2, name: 'forked' }, vendor.root, Date.now());
    const refusals = () =>
      plant.heard.filter((line) => line.event === 'standing.refused' && line.code === 'older_than_held').length;
    broker.onAskStanding = () => undefined;
    broker.standing(right, { entities: [vendor.entity, next, right.who.buyer.entity] } as never);
    broker.standing(right);
    await until(() => refusals() === 1);
    broker.standing(right, { entities: [vendor.entity, twin, right.who.buyer.entity] } as never);
    await until(() => refusals() === 2);
    // The offer's own chain shows the older document: it is not what is held.
    expect(await refused(plant)).toBe('not_what_is_held');
    expect(plant.machine.bytes()).toBe(0);
  });

  it('(e) an older agreement version is not taken for the newer one, nor a second one of its number', async () => {
    await using plant = await aPlant();
    await ready(plant);
    const { right, broker } = plant;
    const version = (over: object) => bothSign(right.who, { ...right.agreement, version: 2, ...over }, Date.now());
    const refusals = () =>
      plant.heard.filter((line) => line.event === 'standing.refused' && line.code === 'older_than_held').length;
    broker.onAskStanding = () => undefined;
    broker.standing(right, { agreement: await version({}) });
    broker.standing(right);
    await until(() => refusals() === 1);
    broker.standing(right, { agreement: await version({ terms: right.agreement.terms.slice(0, 1) }) });
    await until(() => refusals() === 2);
    expect(await refused(plant)).toBe('not_what_is_held');
    expect(plant.machine.bytes()).toBe(0);
  });
});
