import type { Annex, MachineRecord, MachineTransfer, OrganisationId, TermOf } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { BUYER, NOW, VENDOR } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { id, press7, rightOpens, sessionGoesOn, sessionOpens } from '../test/at-the-gateway.js';
import { record } from '../test/terms/machines.js';
import { aGuestsRight, INTEGRATOR } from '../test/terms/third-party.js';

const MINUTE = 60_000;
const goes = { allowed: true };
const refused = (code: string) => ({ allowed: false, refusal: { code } });
const asked: TermOf<'machines'> = {
  ...{ type: 'machines', resources: [press7], sites: [id('north')], zones: [id('pressing')], afterSupport: 'refuse' },
};

describe('a machine over its life, at the gateway of its owner', () => {
  const first = record('north');
  const next = (over: Partial<MachineRecord>): MachineRecord => ({
    ...{ ...first, sequence: 2, previous: digestOf(first) as never },
    ...over,
  });
  const opens = (annexes: readonly Annex[], term: TermOf<'machines'> = asked) =>
    sessionOpens({ terms: [term], annexes });

  it('is reached once it is commissioned, and no sooner', async () => {
    expect(await opens([])).toMatchObject(refused('machine_unrecorded'));
    expect(await opens([first])).toMatchObject(goes);
  });

  it('is reached where it was agreed to stand, with whatever firmware, and again when it came back', async () => {
    const away = next({ site: id('south') });
    const back = next({ sequence: 3, previous: digestOf(away) as never, firmware: '9' });
    expect(await opens([first, next({ firmware: '5.0' })])).toMatchObject(goes);
    expect(await opens([first, away])).toMatchObject(refused('machine_moved'));
    expect(await opens([first, next({ zone: id('office') })])).toMatchObject(refused('machine_moved'));
    expect(await opens([back, away, first])).toMatchObject(goes);
  });

  it('is nobody’s to reach when it was taken out of service, whether or not a record was asked for', async () => {
    const end = next({ state: 'decommissioned' });
    expect(await opens([first, end])).toMatchObject(refused('machine_decommissioned'));
    expect(await sessionOpens({ annexes: [end] })).toMatchObject(refused('machine_decommissioned'));
  });

  it('is under the agreements of its old owner up to the very instant of a transfer, also for who is inside', async () => {
    const transfer: MachineTransfer = {
      ...{ typ: 'machine-transfer', v: 1, from: press7, reason: 'sold', issuedAt: NOW, at: NOW + MINUTE },
      to: { owner: 'gamma-metals.example' as OrganisationId, id: id('press-1') },
      nameplate: digestOf(first.nameplate) as never,
    };
    const inside = (after: number) => sessionGoesOn({ annexes: [transfer], after });
    expect(await inside(MINUTE - 1)).toMatchObject(goes);
    expect(await inside(MINUTE)).toMatchObject(refused('machine_transferred'));
    expect(await sessionOpens({ annexes: [transfer] })).toMatchObject(goes);
    expect(await sessionOpens({ annexes: [{ ...transfer, at: NOW }] })).toMatchObject(refused('machine_transferred'));
    // Nothing that its old owner says later brings it back.
    const anew = next({ sequence: 9 });
    expect(await opens([{ ...transfer, at: NOW }, first, anew])).toMatchObject(refused('machine_transferred'));
  });

  it('is reached to the end of its support, and beyond where both agreed to that', async () => {
    const supported = { ...first, supportEndsAt: NOW + MINUTE };
    const inside = (afterSupport: 'allow' | 'refuse', after: number) =>
      sessionGoesOn({ terms: [{ ...asked, afterSupport }], annexes: [supported], after });
    expect(await inside('refuse', MINUTE - 1)).toMatchObject(goes);
    expect(await inside('refuse', MINUTE)).toMatchObject(refused('support_over'));
    expect(await inside('allow', MINUTE)).toMatchObject(goes);
  });
});

describe('the insolvency of the vendor, at the gateway of the buyer', () => {
  const term = (successor: OrganisationId | null): TermOf<'insolvency'> => ({
    ...{ type: 'insolvency', party: VENDOR, successor, kinds: ['remote-service'], resources: [press7] },
    waitSeconds: 0,
  });
  const notice: Annex = {
    ...{ typ: 'insolvency-notice', v: 1, organisation: BUYER, party: VENDOR, reason: 'opened by the court' },
    ...{ agreementId: 'agr_0123456789abcdefghjkmnpqrs' as never, issuedAt: NOW - MINUTE },
    evidence: [{ title: 'order', digest: digestOf('order') as never }],
  };
  /** The vendor beats no more: what is kept does not wait for it. */
  const gone = { annexes: [notice], silent: [VENDOR] };
  const guest = async (broughtBy: OrganisationId, successor: OrganisationId | null, situation = gone) =>
    rightOpens(await aGuestsRight({ broughtBy }, [term(successor)]), situation);

  it('leaves to the named successor what the agreement gave for that case, and nothing to anybody else', async () => {
    expect(await guest(VENDOR, INTEGRATOR)).toMatchObject(goes);
    expect(await guest(BUYER, BUYER)).toMatchObject(refused('party_insolvent'));
    expect(await sessionOpens({ terms: [term(BUYER)], annexes: [notice] })).toMatchObject(refused('party_insolvent'));
    const elsewhere = { ...term(INTEGRATOR), kinds: ['data-collection' as const] };
    const right = await aGuestsRight({ broughtBy: VENDOR }, [elsewhere]);
    expect(await rightOpens(right, gone)).toMatchObject(refused('party_insolvent'));
  });

  it('leaves it to the buyer alone and those it brought in where no successor is named', async () => {
    expect(await guest(BUYER, null)).toMatchObject(goes);
    expect(await guest(VENDOR, null)).toMatchObject(refused('party_insolvent'));
    expect(await sessionOpens({ terms: [term(null)], annexes: [notice] })).toMatchObject(refused('party_insolvent'));
  });

  it('is nothing that silence alone brings about: without the notice every lease is waited for', async () => {
    expect(await guest(VENDOR, INTEGRATOR, { annexes: [], silent: [VENDOR] })).toMatchObject(refused('lease_over'));
    expect(await guest(BUYER, null, { annexes: [], silent: [VENDOR] })).toMatchObject(refused('lease_over'));
    expect(await guest(BUYER, null, { ...gone, silent: [BUYER] })).toMatchObject(refused('lease_over'));
  });
});
