import type { Act, Grant, MemberList, OrganisationId } from '@interlock/domain';
import { digestOf, signDocument, signed } from '@interlock/proof';
import { BUYER, type Holder, NOW, type Right, VENDOR } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { id, rightOpens, sceneOf, sessionOpens } from '../test/at-the-gateway.js';
import { beside } from '../test/sign-paper.js';
import type { Situation } from '../test/situation.js';
import { aGuestsRight, type GuestsRight, INTEGRATOR } from '../test/terms/third-party.js';

const goes = { allowed: true };
const refused = (code: string) => ({ allowed: false, refusal: { code } });
const hall = Array.from({ length: 500 }, (_, nth) => id(`press-${nth + 1}`));
const listOf = (organisation: OrganisationId, over: Partial<MemberList>): MemberList => ({
  ...{ typ: 'member-list', v: 1, organisation, agreementId: 'agr_0123456789abcdefghjkmnpqrs' as never },
  ...{ group: id('hall-3'), of: 'resource', members: hall, issuedAt: NOW, ...over },
});
const presses = listOf(BUYER, {});
const bound: Partial<Grant> = {
  memberLists: { resources: digestOf(presses) },
  resources: hall.map((one) => ({ owner: BUYER, id: one })),
};
const strike = (member: string, list: MemberList, organisation = list.organisation): Partial<Act> => ({
  ...{ verb: 'revoke', organisation },
  target: { kind: 'member', id: id(member), list: digestOf(list) },
});
const resources = hall.map((one) => ({ owner: BUYER, id: one, class: 'standard' as const, services: [id('ssh')] }));

/** The plant of 500 presses: all of them are agreed, provisioned and named by one grant, each side signed once. */
const plant = (over: Partial<Situation> = {}): Situation => ({
  ...{ agreement: { resources }, machines: hall, grant: bound, annexes: [presses], ...over },
});

describe('500 presses under one signature of each side, at the gateway of their owner', () => {
  it('are reached while the list is here, and no longer when a party withdraws it', async () => {
    expect(await sessionOpens(plant())).toMatchObject(goes);
    const { right } = await sceneOf('remote-service', plant());
    expect(right.grant.resources).toHaveLength(500);
    const signers = right.chain.grant.signatures.map(({ protected: head }) => JSON.parse(atob(head)).iss);
    expect(signers.sort()).toEqual([VENDOR, BUYER, BUYER]);
    expect(await sessionOpens(plant({ annexes: [] }))).toMatchObject(refused('membership_unknown'));
    const withdrawn = { verb: 'revoke', target: { kind: 'annex', id: digestOf(presses) } } as const;
    expect(await sessionOpens(plant({ acts: [withdrawn] }))).toMatchObject(refused('membership_unknown'));
  });

  it('are less by the one that its owner struck, and by no other', async () => {
    expect(await sessionOpens(plant({ acts: [strike('press-8', presses)] }))).toMatchObject(goes);
    expect(await sessionOpens(plant({ acts: [strike('press-7', presses, VENDOR)] }))).toMatchObject(goes);
    expect(await sessionOpens(plant({ acts: [strike('press-7', presses)] }))).toMatchObject(refused('taken_away'));
  });

  it('are not more by a list that has more: both sign a grant under that one', async () => {
    const fewer = listOf(BUYER, { members: hall.filter((one) => one !== 'press-7') });
    const grant = { ...bound, memberLists: { resources: digestOf(fewer) } };
    expect(await sessionOpens(plant({ grant, annexes: [fewer] }))).toMatchObject(refused('not_a_member'));
    // The owner alone publishes one that has it: the grant goes on naming the other.
    expect(await sessionOpens(plant({ grant, annexes: [fewer, presses] }))).toMatchObject(refused('not_a_member'));
    expect(await sessionOpens(plant({ annexes: [fewer, presses] }))).toMatchObject(goes);
  });

  it('are no list of the other side, and none of an approver’s agent', async () => {
    const foreign = listOf(VENDOR, { of: 'machine' });
    const grant = { ...bound, memberLists: { resources: digestOf(foreign) } };
    expect(await sessionOpens(plant({ grant, annexes: [foreign] }))).toMatchObject(refused('not_a_member'));
    const signedBy = (agent: boolean) => async (right: Right) => {
      const { signer } = agent ? right.who.buyerAgent : right.who.approver;
      return { acts: [], annexes: [{ document: presses, signatures: [await signDocument(presses, signer, NOW)] }] };
    };
    const opens = (agent: boolean) => beside.run(signedBy(agent), () => sessionOpens(plant({ annexes: [] })));
    expect(await opens(false)).toMatchObject(goes);
    expect(await opens(true)).toMatchObject(refused('membership_unknown'));
  });
});

describe('a pool of experts of a third party, at the gateway', () => {
  const pool = listOf(INTEGRATOR, { group: id('experts'), of: 'person', members: [id('fitter'), id('second-fitter')] });

  const opens = async (
    by: (right: GuestsRight) => Promise<Pick<Holder, 'signer'>>,
    list = pool,
    struck: readonly string[] = [],
  ) => {
    const right = await aGuestsRight({}, [], { memberLists: { subjects: digestOf(list) } });
    const { signer } = await by(right);
    const annex = { document: list, signatures: [await signDocument(list, signer, NOW)] };
    const acts = struck.map(
      (one): Act => ({
        ...{ typ: 'act', v: 1, agreementId: right.agreement.id, reason: 'left the pool', lifts: null, sequence: 1 },
        ...{ previous: null, issuedAt: NOW, ...(strike(one, list) as Pick<Act, 'verb' | 'organisation' | 'target'>) },
      }),
    );
    const signedActs = await Promise.all(acts.map((act) => signed(act, right.agentOfGuest.signer, NOW)));
    return beside.run(
      async () => ({ annexes: [annex], acts: signedActs }),
      () => rightOpens(right),
    );
  };
  const certify = async ({ integrator }: GuestsRight) => ({ signer: integrator.certify });

  it('is certified by the third party itself, by its certify key and no other', async () => {
    expect(await opens(certify)).toMatchObject(goes);
    expect(await opens(async ({ agentOfGuest }) => agentOfGuest)).toMatchObject(refused('membership_unknown'));
    expect(await opens(async ({ integrator }) => ({ signer: integrator.agreement }))).toMatchObject(
      refused('membership_unknown'),
    );
    expect(await opens(async ({ who }) => ({ signer: who.vendor.certify }))).toMatchObject(
      refused('membership_unknown'),
    );
  });

  it('has who is on it, until the third party strikes one; nobody else of that company', async () => {
    expect(await opens(certify, { ...pool, members: [id('second-fitter')] })).toMatchObject(refused('not_a_member'));
    expect(await opens(certify, { ...pool, of: 'workload' })).toMatchObject(refused('not_a_member'));
    expect(await opens(certify, pool, ['second-fitter'])).toMatchObject(goes);
    expect(await opens(certify, pool, ['fitter'])).toMatchObject(refused('taken_away'));
  });
});
