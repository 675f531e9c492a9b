import { cpSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalId, OrganisationId, Signal } from '@interlock/domain';
import { keySigner, newPrivateKey, signed } from '@interlock/proof';
import { anAgreement, aPartnership, BUYER, VENDOR } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { beatBoth, resumeOf, revocation, speech } from './honest-agents.js';
import { aPlant, enter, local, opened, ready, refused, stateOf, tokenOf, until } from './plant.js';

/** What a timer of a busy machine may be late by, in milliseconds. */
const SLACK = 2_000;
const id = (text: string) => text as LocalId;

describe('the hand of the plant', () => {
  it('cuts at the local port with the broker silent, and the cut outlives a restart', async () => {
    await using plant = await aPlant();
    const session = await opened(plant);
    const { right, broker } = plant;
    broker.onNonce = () => undefined;
    const act = await signed(revocation(right), right.who.buyerAgent.signer, Date.now());
    expect((await local(plant, 'POST', '/acts', { act: { ...act, signatures: [] } })).status).toBe(400);
    const foreign = await signed(revocation(right), keySigner(BUYER, newPrivateKey()), Date.now());
    expect((await local(plant, 'POST', '/acts', { act: foreign })).status).toBe(403);
    const since = performance.now();
    expect((await local(plant, 'POST', '/acts', { act })).status).toBe(200);
    expect(await session.closed).toMatchObject({ code: 'taken_away' });
    expect(performance.now() - since).toBeLessThan(SLACK);
    await plant.restart();
    // The broker knows nothing of the cut, or says so; the vendor, who plays along, beats.
    broker.standing(right);
    await until(async () => (await stateOf(plant)).agreements[0]?.acts === 1);
    const before = plant.machine.bytes();
    expect(await refused(plant)).toBe('taken_away');
    expect(plant.machine.bytes()).toBe(before);
  }, 30_000);

  it('cut what an older copy of the disk has forgotten: by that copy nothing opens', async () => {
    await using plant = await aPlant();
    await ready(plant);
    const { right, broker } = plant;
    const [state, copy] = [join(plant.folder, 'state'), join(plant.folder, 'copy')];
    cpSync(state, copy, { recursive: true, filter: (path) => path !== join(state, 'lock') });
    const act = await signed(revocation(right), right.who.buyerAgent.signer, Date.now());
    expect((await local(plant, 'POST', '/acts', { act })).status).toBe(200);
    let asked = 0;
    broker.onNonce = (nonce) => void beatBoth(broker, right, nonce, [act.document]).then(() => (asked += 1));
    const between = () => {
      rmSync(state, { recursive: true });
      renameSync(copy, state);
    };
    await plant.restart(undefined, { between });
    broker.standing(right);
    const leases = async () => (await stateOf(plant)).agreements[0]?.leases ?? {};
    await until(async () => asked > 2 && (await leases())[VENDOR] === true);
    // The buyer's beats name a cut that this copy does not hold and the broker keeps from it: they renew nothing.
    expect((await leases())[BUYER]).not.toBe(true);
    const before = plant.machine.bytes();
    expect(await refused(plant)).toBe('status_invalid');
    expect((await local(plant, 'POST', '/acts', { act })).status).toBe(200);
    await until(async () => (await leases())[BUYER] === true);
    expect(await refused(plant)).toBe('taken_away');
    expect(plant.machine.bytes()).toBe(before);
  }, 30_000);

  it('cuts even where the broker keeps the certificate of that hand from the gateway', async () => {
    await using plant = await aPlant();
    const session = await opened(plant);
    const { right } = plant;
    const hand = await right.who.buyer.holder('person', 'shift-lead', ['narrow']);
    const act = await signed(revocation(right), hand.signer, Date.now());
    expect((await local(plant, 'POST', '/acts', { act })).status).toBe(403);
    const vendors = await right.who.vendor.holder('person', 'shift-lead', ['narrow']);
    const forged = await signed(revocation(right), vendors.signer, Date.now());
    const wrong = { act: forged, entities: [right.who.vendor.entity], certificates: [vendors.certificate] };
    expect((await local(plant, 'POST', '/acts', wrong)).status).toBe(403);
    // Only narrowing is taken with a chain of its own: a key that an older entity document named must not terminate.
    const retired = keySigner(BUYER, newPrivateKey());
    const before = {
      ...right.who.buyer.entity.document,
      sequence: 0,
      keys: [{ key: retired.key, purposes: ['agreement' as const] }],
    };
    const over = revocation(right, { verb: 'terminate', target: { kind: 'agreement', id: right.agreement.id } });
    const ending = {
      act: await signed(over, retired, Date.now()),
      entities: [await signed(before, right.who.buyer.root, Date.now())],
    };
    expect((await local(plant, 'POST', '/acts', ending)).status).toBe(403);
    const whole = { act, entities: [right.who.buyer.entity], certificates: [hand.certificate] };
    expect((await local(plant, 'POST', '/acts', whole)).status).toBe(200);
    expect(await session.closed).toMatchObject({ code: 'taken_away' });
  }, 30_000);

  it('locks the gateway out, over a restart, and alone can lift it', async () => {
    await using plant = await aPlant();
    const session = await opened(plant);
    const reason = { reason: 'maintenance of the safety fence' };
    expect((await local(plant, 'PUT', '/lockout', reason)).status).toBe(401);
    expect((await local(plant, 'PUT', '/lockout', reason, 'x'.repeat(43))).status).toBe(401);
    expect((await local(plant, 'PUT', '/lockout', reason, tokenOf(plant))).status).toBe(200);
    expect(await session.closed).toMatchObject({ code: 'lockout' });
    const before = plant.machine.bytes();
    expect(await refused(plant)).toBe('lockout');
    expect((await local(plant, 'DELETE', '/lockout')).status).toBe(401);
    const old = tokenOf(plant);
    await plant.restart();
    plant.broker.standing(plant.right);
    await ready(plant);
    expect(await refused(plant)).toBe('lockout');
    expect((await local(plant, 'DELETE', '/lockout', undefined, old)).status).toBe(401);
    expect(plant.machine.bytes()).toBe(before);
    expect((await local(plant, 'DELETE', '/lockout', undefined, tokenOf(plant))).status).toBe(200);
    expect(await enter(plant)).toMatchObject({ allowed: true });
  }, 30_000);

  it('is an order of the own company too: taken once from whoever brings it, and lifted by no act', async () => {
    await using plant = await aPlant();
    const session = await opened(plant);
    const { right, broker } = plant;
    const { buyer, vendor, buyerAgent, gateway } = right.who;
    const target = { kind: 'gateway', id: gateway.id } as const;
    const order = revocation(right, { verb: 'suspend', target, reason: 'a fire in the hall' });
    const hand = (act: unknown, chain: object = {}) => local(plant, 'POST', '/acts', { act, ...chain });
    // The partner, a stranger to the company, and another gateway's order stop nothing.
    const partners = { ...order, organisation: VENDOR };
    await hand(await signed(partners, right.who.vendorAgent.signer, Date.now()));
    expect((await hand(await signed(order, right.who.vendorAgent.signer, Date.now()))).status).toBe(403);
    const others = { ...order, target: { ...target, id: id('other-gateway') } };
    await hand(await signed(others, buyerAgent.signer, Date.now()));
    expect((await stateOf(plant)).locked).toBe(false);
    const act = await signed(order, buyerAgent.signer, Date.now());
    broker.say({ t: 'act', act });
    expect(await session.closed).toMatchObject({ code: 'lockout' });
    expect(await refused(plant)).toBe('lockout');
    // Both companies together resume a suspension of theirs; the lock-out is not theirs.
    broker.say({ t: 'act', act: await resumeOf(order, [buyer.agreement, vendor.agreement]) });
    await until(async () => (await stateOf(plant)).agreements[0]?.acts === 4);
    expect((await stateOf(plant)).locked).toBe(true);
    await plant.restart();
    expect((await stateOf(plant)).locked).toBe(true);
    expect((await local(plant, 'DELETE', '/lockout', undefined, tokenOf(plant))).status).toBe(200);
    // What was lifted by hand is not set again by an old order, however often it is played, and whatever restarts.
    broker.say({ t: 'act', act });
    expect((await hand(act, { entities: [buyer.entity], certificates: [buyerAgent.certificate] })).status).toBe(200);
    await plant.restart();
    broker.standing(right, { acts: [act] });
    await until(async () => (await stateOf(plant)).agreements.length === 1);
    expect((await stateOf(plant)).locked).toBe(false);
    const again = await signed({ ...order, sequence: 2 }, buyerAgent.signer, Date.now());
    expect((await hand(again)).status).toBe(200);
    expect((await stateOf(plant)).locked).toBe(true);
  }, 30_000);

  it('confirms that somebody is present, and what requires that ends when it turns, grows stale or is forgotten', async () => {
    const who = await aPartnership(Date.now());
    const presence = {
      ...{ type: 'signal', signal: id('presence'), party: BUYER, about: 'resource', kinds: ['remote-service'] },
      ...{ resources: [], maxAgeSeconds: 3, live: true },
    } as const;
    const terms = [...anAgreement(who).terms, presence];
    await using plant = await aPlant({ changes: { agreement: { terms } } });
    const { right } = plant;
    await ready(plant);
    expect(await refused(plant)).toBe('signal_unknown');
    const lead = await right.who.buyer.holder('person', 'shift-lead', ['signal']);
    const chain = { entities: [right.who.buyer.entity], certificates: [lead.certificate] };
    const saying = (over: Partial<Signal> = {}): Signal => ({
      ...{ typ: 'signal', v: 1, organisation: BUYER, signal: id('presence'), holds: true, at: Date.now() },
      about: { kind: 'resource', id: id('press-7') },
      ...over,
    });
    const say = async (over: Partial<Signal> = {}, signer = lead.signer, more: object = chain) =>
      (await local(plant, 'POST', '/signals', { signal: await signed(saying(over), signer, Date.now()), ...more }))
        .status;
    // An approver's key, the vendor's word and the broker, who knows no such key, confirm nothing.
    expect(await say({}, right.who.approver.signer, {})).toBe(403);
    expect(await say({ organisation: VENDOR }, right.who.vendorAgent.signer, {})).toBe(403);
    expect(await say({}, lead.signer, {})).toBe(403);
    expect(await say({ at: Date.now() + 120_000 })).toBe(403);
    // A key of the company's own past, whose entity document is brought along, is no key of today.
    const retired = keySigner(BUYER, newPrivateKey());
    const past = { sequence: 0, keys: [{ key: retired.key, purposes: ['signal' as const] }] };
    const before = await signed({ ...right.who.buyer.entity.document, ...past }, right.who.buyer.root, Date.now());
    expect(await say({}, retired, { entities: [before] })).toBe(409);
    expect(await refused(plant)).toBe('signal_unknown');
    expect(await say()).toBe(200);
    const first = await opened(plant);
    expect(await say({ holds: false })).toBe(200);
    expect(await first.closed).toMatchObject({ code: 'signal_turned' });
    const old = await signed(saying({ at: Date.now() - 10 }), lead.signer, Date.now());
    expect(await say()).toBe(200);
    const second = await opened(plant);
    const since = performance.now();
    expect(await second.closed).toMatchObject({ code: 'signal_unknown' });
    expect(performance.now() - since).toBeLessThan(3_000 + SLACK);
    expect((await local(plant, 'POST', '/signals', { signal: old, ...chain })).status).toBe(200);
    expect(await refused(plant)).toBe('signal_unknown');
    expect(await say()).toBe(200);
    const heldBack = await signed(saying({ at: Date.now() - 2_000 }), lead.signer, Date.now());
    expect(await say({ holds: false })).toBe(200);
    await plant.restart();
    // The broker brings what is said too, and is believed in none of it: not a yes of before the no, not one that nobody signed.
    const { certificates } = right.chain;
    await ready(plant);
    plant.broker.standing(right, { certificates: [...certificates, lead.certificate], signals: [heldBack] });
    plant.broker.say({ t: 'signal', signal: heldBack });
    plant.broker.say({ t: 'signal', signal: { ...heldBack, document: saying() } });
    expect(await refused(plant)).toBe('signal_turned');
    // It is verified while others ask; said until it is heard, for it grows stale within seconds.
    await until(async () => {
      plant.broker.say({ t: 'signal', signal: await signed(saying(), lead.signer, Date.now()) });
      return (await enter(plant)).allowed;
    }, 20_000);
  }, 30_000);

  it('after a restart nothing opens until a beat of the own company answers a nonce of this boot', async () => {
    await using plant = await aPlant();
    await ready(plant);
    const { right, broker } = plant;
    const { vendor, vendorAgent, buyer, buyerAgent } = right.who;
    const hoard = await speech(right, buyer, buyerAgent, broker.nonces.at(-1)?.nonce ?? '');
    broker.onNonce = async (nonce) => broker.say({ t: 'beat', ...(await speech(right, vendor, vendorAgent, nonce)) });
    await plant.restart();
    broker.standing(right);
    await until(async () => (await stateOf(plant)).agreements[0]?.leases[VENDOR] === true);
    expect(await refused(plant)).toBe('lease_over');
    broker.say({ t: 'beat', ...hoard });
    expect(await refused(plant)).toBe('lease_over');
    expect((await stateOf(plant)).agreements[0]?.leases[BUYER as OrganisationId]).not.toBe(true);
    broker.onNonce = (nonce) => void beatBoth(broker, right, nonce);
    await ready(plant);
    expect(plant.machine.bytes()).toBe(0);
    expect(await enter(plant)).toMatchObject({ allowed: true });
  }, 30_000);
});
