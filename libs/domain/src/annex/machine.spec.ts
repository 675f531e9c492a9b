import { describe, expect, it } from '@jest/globals';
import {
  agreementOf,
  BUYER,
  digest,
  grantOf,
  held,
  houseOf,
  id,
  key,
  NOW,
  OTHER,
  press7,
  VENDOR,
} from '../../test/a-right.js';
import { noticeOf, recordOf, transferOf } from '../../test/annexes.js';
import {
  equivalence,
  goes,
  insolvency,
  machines,
  press8,
  use,
  withdrawal,
  withPress8,
  withTerms,
} from '../../test/papers.js';
import type { HeldAct } from '../act/standing.js';
import { activate } from '../agreement/activate.js';
import { mayBecome } from '../agreement/life-cycle.js';
import { rightsOf } from '../decide.js';
import type { Term, ThirdPartyTerm } from '../documents/agreement.js';
import type { AgreementId, GrantId, OrganisationId } from '../names.js';
import { inInsolvency, keptInInsolvency } from './insolvency.js';
import { MACHINE_TRANSITIONS, newestRecord } from './machine.js';

describe('a machine under an agreement', () => {
  const fault = (code: string) => ({ refusal: { code, clause: 'machines delta-foods.example/press-7' } });

  it('is recorded, where it was agreed to stand, and supported', () => {
    expect(use([machines], { annexes: [recordOf()] })).toMatchObject(goes);
    expect(use([machines])).toMatchObject(fault('machine_unrecorded'));
    expect(use([machines], { annexes: [recordOf({ resource: { owner: VENDOR, id: id('press-7') } })] })).toMatchObject(
      fault('machine_unrecorded'),
    );
    expect(use([machines], { annexes: [recordOf({ site: id('south') })] })).toMatchObject(fault('machine_moved'));
    expect(use([machines], { annexes: [recordOf({ zone: id('office') })] })).toMatchObject(fault('machine_moved'));
    expect(use([machines], { annexes: [recordOf({ supportEndsAt: NOW })] })).toMatchObject(fault('support_over'));
    expect(use([machines], { annexes: [recordOf({ supportEndsAt: NOW + 1 })] })).toMatchObject(goes);
    expect(use([machines], { annexes: [recordOf({ supportEndsAt: null })] })).toMatchObject(goes);
    const allowed = { ...machines, afterSupport: 'allow' as const };
    expect(use([allowed], { annexes: [recordOf({ supportEndsAt: NOW })] })).toMatchObject(goes);
    expect(use([], { agreement: withPress8({ ...machines, resources: [press8] }) })).toMatchObject(goes);
  });

  it('stands where its newest record says, in whatever order records arrive', () => {
    const moved = recordOf({ sequence: 2, site: id('south') }, 'moved');
    for (const annexes of [
      [recordOf(), moved],
      [moved, recordOf()],
    ])
      expect(use([machines], { annexes })).toMatchObject(fault('machine_moved'));
  });

  it('that was taken out of service or given away is covered by nothing, asked for or not', () => {
    const ended = recordOf({ sequence: 2, state: 'decommissioned' }, 'ended');
    expect(use([], { annexes: [recordOf(), ended] })).toMatchObject(fault('machine_decommissioned'));
    const twin = recordOf({ sequence: 2 }, 'twin');
    expect(newestRecord([twin, ended], press7)).toBe(ended);
    expect(newestRecord([ended, twin], press7)).toBe(ended);
    expect(use([], { annexes: [transferOf()] })).toMatchObject(fault('machine_transferred'));
    expect(use([], { annexes: [transferOf({ at: NOW + 1 })] })).toMatchObject(goes);
    expect(use([], { annexes: [transferOf({ from: { owner: OTHER, id: id('press-7') } })] })).toMatchObject(goes);
    expect(use([], { annexes: [transferOf({ from: { owner: BUYER, id: id('press-8') } })] })).toMatchObject(goes);
    expect(use([], { annexes: [transferOf({ to: press7, from: { owner: OTHER, id: id('old') } })] })).toMatchObject(
      goes,
    );
  });

  it('is taken out of an agreement by its owner alone, at once', () => {
    const out = (over: object) =>
      use([], { acts: [held({ target: { kind: 'resource', id: id('press-7') }, ...over })] });
    expect(out({})).toMatchObject({ refusal: { code: 'taken_away' } });
    expect(out({ organisation: VENDOR })).toMatchObject(goes);
    expect(out({ target: { kind: 'resource', id: id('press-8') } })).toMatchObject(goes);
  });

  it('has one life: what ended does not begin again', () => {
    for (const to of ['commissioned', 'decommissioned', 'transferred'] as const) {
      expect(mayBecome(MACHINE_TRANSITIONS, 'commissioned', to)).toBe(true);
      expect(mayBecome(MACHINE_TRANSITIONS, 'decommissioned', to)).toBe(false);
      expect(mayBecome(MACHINE_TRANSITIONS, 'transferred', to)).toBe(false);
    }
  });
});

describe('a party that is insolvent', () => {
  const gone = { refusal: { code: 'party_insolvent', clause: 'insolvency alpine-presses.example' } };
  const successor = OTHER;
  const parties = [
    ...agreementOf().parties,
    { organisation: OTHER, role: 'third-party' as const, root: key('root'), entity: digest('entity') },
  ];
  const guest: ThirdPartyTerm = {
    type: 'third-party',
    party: OTHER,
    broughtBy: VENDOR,
    kinds: ['remote-service'],
    resources: [press7],
    actions: [id('ssh')],
    purposes: [id('repair')],
    longestWindowSeconds: 7_200,
  };
  const three = (...terms: Term[]) => agreementOf({ parties, terms: [...agreementOf().terms, guest, ...terms] });
  /** The same, where the guest is of those who are left. */
  const ofBuyer = (...terms: Term[]) =>
    agreementOf({ parties, terms: [...agreementOf().terms, { ...guest, broughtBy: BUYER }, ...terms] });
  const left = ofBuyer();
  const subject = { organisation: OTHER, kind: 'person' as const, id: id('fitter') };
  const grant = { subjects: [subject], requester: { organisation: OTHER, id: id('fitter') } };
  const annexes = [noticeOf()];

  it('uses nothing any more; its named successor keeps what was agreed for that case', () => {
    const agreement = three({ ...insolvency, successor });
    expect(activate(agreement, NOW)).toMatchObject(goes);
    expect(use([], { agreement, annexes })).toMatchObject(gone);
    expect(use([], { agreement, annexes, grant })).toMatchObject(goes);
    const other = three({ ...insolvency, successor, kinds: ['data-collection'] });
    expect(use([], { agreement: other, annexes, grant })).toMatchObject(gone);
    expect(use([], { agreement: three({ ...insolvency, successor: BUYER }), annexes, grant })).toMatchObject(gone);
    expect(use([], { agreement: three(insolvency), annexes, grant })).toMatchObject(gone);
    expect(use([], { agreement: ofBuyer(insolvency), annexes, grant })).toMatchObject(goes);
  });

  it('takes with it what was handed on from its grants, and a successor’s right is for nobody else', () => {
    const to = (organisation: OrganisationId, over: object = {}) => ({
      digest: digest('delegation'),
      document: {
        ...grantOf(),
        typ: 'delegation' as const,
        id: 'grt_2' as GrantId,
        subjects: [{ ...subject, organisation }],
        parent: digest('grant'),
        uses: null,
        reason: 'holiday',
        ...over,
      },
    });
    const handed = (named: OrganisationId | null, ...delegations: ReturnType<typeof to>[]) =>
      keptInInsolvency(
        { ...insolvency, successor: named },
        rightsOf({ grant: grantOf(grant), delegations }),
        BUYER,
        left,
      );
    expect(handed(successor, to(successor))).toBe(true);
    expect(handed(null, to(BUYER))).toBe(true);
    expect(handed(successor, to(BUYER))).toBe(false);
    expect(handed(null, to(VENDOR))).toBe(false);
    expect(handed(null, to(successor), to(VENDOR), to(successor))).toBe(false);
    expect(handed(successor, to(successor, { resources: [press8] }))).toBe(false);
    const ofGone = { grant: grantOf(), delegations: [to(successor)] };
    expect(keptInInsolvency({ ...insolvency, successor }, rightsOf(ofGone), BUYER, left)).toBe(false);
    expect(keptInInsolvency(insolvency, rightsOf({ grant: grantOf(grant), delegations: [] }), VENDOR, left)).toBe(
      false,
    );
    const agreement = three({ ...insolvency, successor });
    expect(use([], { agreement, annexes, grant, delegations: [to(successor)] })).toMatchObject(goes);
    expect(use([], { agreement, annexes, delegations: [to(successor)] })).toMatchObject(gone);
  });

  it('is so after the wait, by the word of another party, and unless somebody withdraws it', () => {
    const agreement = withTerms(insolvency);
    const at = (over: object, acts: readonly HeldAct[] = []) =>
      inInsolvency(agreement, { annexes: [noticeOf(over)], acts }, NOW).length;
    expect(at({})).toBe(1);
    expect(at({ issuedAt: NOW - 3_600_000 })).toBe(1);
    expect(at({ issuedAt: NOW - 3_600_000 + 1 })).toBe(0);
    const since = (heldSince: number, over: object = {}) =>
      inInsolvency(agreement, { annexes: [{ ...noticeOf(over), heldSince }], acts: [] }, NOW).length;
    expect([since(NOW - 3_600_000), since(NOW - 3_600_000 + 1)]).toEqual([1, 0]);
    expect(since(NOW - 2 * 3_600_000, { issuedAt: NOW - 3_600_000 + 1 })).toBe(0);
    expect(at({ organisation: VENDOR })).toBe(0);
    expect(at({ party: BUYER, organisation: VENDOR })).toBe(0);
    expect(at({ party: OTHER })).toBe(0);
    expect(at({ agreementId: 'agr_2' as AgreementId })).toBe(0);
    expect(at({}, [withdrawal('insolvency', { organisation: VENDOR })])).toBe(0);
    expect(inInsolvency(agreementOf(), { annexes, acts: [] }, NOW)).toEqual([]);
    const guests = [noticeOf({ organisation: successor })];
    expect(inInsolvency(three({ ...insolvency, successor }), { annexes: guests, acts: [] }, NOW)).toEqual([]);
    expect(inInsolvency(three({ ...insolvency, successor }), { annexes, acts: [] }, NOW)).toHaveLength(1);
  });

  it('is asked for no verdict any more, but everybody else is', () => {
    const asks = (party: OrganisationId) => ({
      type: 'embargo' as const,
      party,
      issuers: [id('eu')],
      maxAgeSeconds: 3_600,
    });
    const kept = (...terms: Term[]) => use([], { agreement: ofBuyer(insolvency, ...terms), annexes, grant });
    expect(kept(asks(VENDOR))).toMatchObject(goes);
    expect(kept(asks(BUYER))).toMatchObject({ refusal: { code: 'embargo_unknown' } });
    expect(use([asks(VENDOR)])).toMatchObject({ refusal: { code: 'embargo_unknown' } });
  });
});

describe('a term that waits for papers', () => {
  it.each<[string, Term]>([
    ['a control nobody knows', { ...equivalence, control: id('iec-62443-3-3/sr-9.9') }],
    ['a control of a stranger', { ...equivalence, party: OTHER }],
    ['a control for a machine that is not agreed', { ...equivalence, resources: [{ owner: VENDOR, id: id('x') }] }],
    ['records of no machine', { ...machines, resources: [] }],
    ['records of a machine that is not agreed', { ...machines, resources: [{ owner: VENDOR, id: id('x') }] }],
    ['an insolvency over a machine that is not agreed', { ...insolvency, resources: [{ owner: VENDOR, id: id('x') }] }],
    ['the insolvency of a stranger', { ...insolvency, party: OTHER }],
    ['a successor who is no party', { ...insolvency, successor: OTHER }],
    ['oneself as successor', { ...insolvency, successor: VENDOR }],
  ])('agreement_incoherent: %s', (_, term) => {
    expect(activate(withTerms(term), NOW)).toMatchObject({
      refusal: { code: 'agreement_incoherent', clause: term.type },
    });
  });

  it.each([equivalence, machines, insolvency])('is said once ($type), and not of oneself alone', (term) => {
    expect(activate(withTerms(term), NOW)).toMatchObject(goes);
    expect(activate(withTerms(term, term), NOW)).toMatchObject({ refusal: { clause: term.type } });
    const house = houseOf(BUYER, { terms: [{ ...term, ...('party' in term && { party: BUYER }) } as Term] });
    expect(activate(house, NOW)).toMatchObject(
      term.type === 'machines' ? goes : { refusal: { code: 'agreement_incoherent', clause: term.type } },
    );
  });
});
