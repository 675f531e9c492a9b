import type { Act, AgreementId, Delegation, GrantId, LocalId, MemberList } from '@interlock/domain';
import { digestOf, openRecord, signed, signLoginProof } from '@interlock/proof';
import { approveBeforehand, BUYER, handOn, VENDOR } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { beatBoth, revocation } from './honest-agents.js';
import { aPlant, comeTo, echo, type Plant, ready, refusalOf, until } from './plant.js';

/** A delegate at the machine: the chain has one delegation, and the session is his. */
async function delegated(plant: Plant, over: Partial<Delegation> = {}) {
  await ready(plant);
  const { right } = plant;
  const handed = await handOn(right, over, undefined, Date.now());
  const offer = () => plant.broker.offer(handed, plant.relayPort);
  const enter = async () => {
    const made = await offer();
    plant.broker.say(made);
    return comeTo(plant, made);
  };
  return { handed, enter, offer };
}

describe('what hangs on a right', () => {
  it.each([
    ['the grant is revoked by its owner', {}],
    ['the delegator is revoked by his company', { organisation: VENDOR, target: { kind: 'person', id: 'technician' } }],
    [
      'the delegation is revoked by its giver’s company',
      { organisation: VENDOR, target: { kind: 'grant', id: `grt_${'1'.repeat(26)}` } },
    ],
  ] as const)(
    'is cut live at the gateway when %s, and never opens again',
    async (_why, over) => {
      await using plant = await aPlant();
      const { enter, offer } = await delegated(plant);
      const session = await enter();
      if (!session.allowed) throw new Error(session.refusal.code);
      expect(await echo(session.value, 'uptime\n')).toBe('uptime\n');
      const act: Act = revocation(plant.right, over as Partial<Act>);
      const { vendorAgent, buyerAgent } = plant.right.who;
      const agent = act.organisation === VENDOR ? vendorAgent : buyerAgent;
      plant.broker.say({ t: 'act', act: await signed(act, agent.signer, Date.now()) });
      expect(await session.value.closed).toMatchObject({ code: 'taken_away' });
      const again = await offer();
      plant.broker.say(again);
      expect(await refusalOf(plant, again)).toBe('taken_away');
    },
    30_000,
  );

  it('is refused where it is wider than what it hangs on, whoever signed it, and both names stand in every record', async () => {
    await using plant = await aPlant();
    const { right } = plant;
    const wide = await delegated(plant, { windows: [{ from: Date.now() - 60_000, to: Date.now() + 7 * 3_600_000 }] });
    const offer = await wide.offer();
    plant.broker.say(offer);
    expect(await refusalOf(plant, offer)).toBe('delegation_wider');
    const { enter } = await delegated(plant);
    const session = await enter();
    if (!session.allowed) throw new Error(session.refusal.code);
    const opened = () => plant.broker.evidence.find((one) => one.kind === 'session.opened');
    await until(() => opened() !== undefined);
    const record = opened();
    expect(record && openRecord(record, plant.broker.disclosures.get(record.id))).toMatchObject({
      value: {
        subject: { organisation: VENDOR, id: 'colleague' },
        delegators: [{ organisation: VENDOR, id: 'technician' }],
        approvers: [right.who.approver.id, right.who.secondApprover.id],
      },
    });
  }, 30_000);

  it('opens as many sessions as it says, and over a restart no more', async () => {
    await using plant = await aPlant();
    const { enter } = await delegated(plant, { uses: 1, id: `grt_${'2'.repeat(26)}` as GrantId });
    expect(await enter()).toMatchObject({ allowed: true });
    expect(await enter()).toMatchObject({ refusal: { code: 'uses_spent' } });
    await plant.restart();
    plant.broker.standing(plant.right);
    plant.broker.onNonce = (nonce) => void beatBoth(plant.broker, plant.right, nonce);
    await ready(plant);
    expect(await enter()).toMatchObject({ refusal: { code: 'uses_spent' } });
  }, 30_000);

  it('opens as many sessions as a standing approval says for all its grants together, over a restart no more, and is cut with it', async () => {
    await using plant = await aPlant();
    await ready(plant);
    const under = async (grant: number, more = {}) => {
      const approval = { uses: 2, ...more };
      const over = { id: `grt_${`${grant}`.repeat(26)}` as GrantId };
      const given = await approveBeforehand(plant.right, { approval, grant: over }, {}, Date.now());
      const claims = { ...given.claims, grant: given.grant.id };
      const { vendorAgent } = given.who;
      const made = await plant.broker.offer(
        { ...given, claims, loginProof: await signLoginProof(claims, vendorAgent.signer) },
        plant.relayPort,
      );
      plant.broker.say(made);
      return { given, session: await comeTo(plant, made) };
    };
    for (const grant of [3, 4]) expect((await under(grant)).session).toMatchObject({ allowed: true });
    expect((await under(5)).session).toMatchObject({ refusal: { code: 'uses_spent' } });
    await plant.restart();
    plant.broker.standing(plant.right);
    plant.broker.onNonce = (nonce) => void beatBoth(plant.broker, plant.right, nonce);
    await ready(plant);
    expect((await under(5)).session).toMatchObject({ refusal: { code: 'uses_spent' } });
    const { given, session } = await under(6, { id: `grt_${'8'.repeat(26)}` });
    if (!session.allowed) throw new Error(session.refusal.code);
    const act = revocation(plant.right, { target: { kind: 'grant', id: given.approval.id } });
    plant.broker.say({ t: 'act', act: await signed(act, plant.right.who.buyerAgent.signer, Date.now()) });
    expect(await session.value.closed).toMatchObject({ code: 'taken_away' });
  }, 30_000);

  it('is cut live at one of 500 machines of one list when its owner strikes it, alone, and comes back by no older word, over a restart neither', async () => {
    const members = Array.from({ length: 500 }, (_, nth) => `press-${nth + 1}` as LocalId);
    const list: MemberList = {
      ...{
        typ: 'member-list',
        v: 1,
        organisation: BUYER,
        agreementId: 'agr_0123456789abcdefghjkmnpqrs' as AgreementId,
      },
      ...{ group: 'hall-3' as LocalId, of: 'resource', members, issuedAt: Date.now() },
    };
    const hall = members.map((machine) => ({ owner: BUYER, id: machine }));
    const services = ['ssh' as LocalId];
    const agreement = { resources: hall.map((one) => ({ ...one, class: 'standard' as const, services })) };
    const grant = { memberLists: { resources: digestOf(list) }, resources: hall };
    await using plant = await aPlant({ changes: { machines: members, agreement, grant } });
    const { right, broker } = plant;
    const { approver, buyerAgent } = right.who;
    const annexes = [await signed(list, approver.signer, Date.now())];
    await ready(plant);
    const offer = async () => {
      const made = await broker.offer(right, plant.relayPort, { resource: { owner: BUYER, id: 'press-7' as LocalId } });
      broker.say(made);
      return made;
    };
    expect(await refusalOf(plant, await offer())).toBe('membership_unknown');
    broker.standing(right, { annexes });
    const session = await comeTo(plant, await offer());
    if (!session.allowed) throw new Error(session.refusal.code);
    const strike = (machine: string, sequence: number): Act =>
      revocation(right, { target: { kind: 'member', id: machine as LocalId, list: digestOf(list) }, sequence });
    const [other, own] = [strike('press-8', 1), strike('press-7', 2)];
    broker.say({ t: 'act', act: await signed(other, buyerAgent.signer, Date.now()) });
    expect(await echo(session.value, 'uptime\n')).toBe('uptime\n');
    broker.say({ t: 'act', act: await signed(own, buyerAgent.signer, Date.now()) });
    expect(await session.value.closed).toMatchObject({ code: 'taken_away' });
    // The list comes again as it was, without a word of who was struck from it.
    broker.standing(right, { annexes });
    expect(await refusalOf(plant, await offer())).toBe('taken_away');
    broker.onNonce = (nonce) => void beatBoth(broker, right, nonce, [other, own]);
    await plant.restart();
    broker.standing(right, { annexes });
    await ready(plant);
    expect(await refusalOf(plant, await offer())).toBe('taken_away');
  }, 30_000);
});
