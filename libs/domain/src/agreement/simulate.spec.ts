import { describe, expect, it } from '@jest/globals';
import {
  agreementOf,
  approver,
  BUYER,
  dataCollection,
  digest,
  grantOf,
  HOUR,
  held,
  id,
  NOW,
  offline,
  press7,
  region,
  remoteService,
  twoApprovers,
  VENDOR,
} from '../../test/a-right.js';
import { memberListOf } from '../../test/annexes.js';
import type { Agreement, Term } from '../documents/agreement.js';
import type { Delegation, Grant } from '../documents/right.js';
import { type Replayed, type ReplayedRight, simulate } from './simulate.js';

const technician = { organisation: VENDOR, kind: 'person', id: id('technician') } as const;
const rightOf = (over: Partial<Grant> = {}, more: Partial<ReplayedRight> = {}): ReplayedRight => ({
  grant: grantOf(over),
  grantDigest: digest('grant'),
  approvers: twoApprovers,
  delegations: [],
  ...more,
});
const use = (over: Partial<Replayed> = {}): Replayed => ({
  ...{ what: 'session', id: 'evd_1', at: NOW, outcome: 'permit', code: null, clause: null },
  ...{ right: rightOf(), subject: technician, resource: press7, region: null },
  ...over,
});
const denied = (code: string, clause: string | null, over: Partial<Replayed> = {}) =>
  use({ outcome: 'deny', code, clause, ...over });
const with_ = (...terms: Term[]): Agreement => agreementOf({ terms: [...agreementOf().terms, ...terms] });
const under = (
  draft: Agreement,
  uses: readonly Replayed[],
  before = agreementOf(),
  acts = [] as never[],
  annexes = [] as never[],
) =>
  simulate({ agreement: before, digest: digest('agreement') }, { agreement: draft, digest: digest('draft') }, uses, {
    acts,
    annexes,
  });
const embargo: Term = { type: 'embargo', party: BUYER, issuers: [id('eu')], maxAgeSeconds: 60 };
const asking = (over: object): Agreement =>
  agreementOf({ terms: [{ ...remoteService, ...over } as Term, dataCollection, region, offline] });
const nothing = { changes: [], unexplained: [] };

describe('a draft replayed over what was recorded', () => {
  it('changes nothing where it says the same, whenever it begins', () => {
    expect(under(agreementOf({ version: 2, effectiveFrom: NOW + 1 }), [use(), use({ what: 'grant' })])).toEqual({
      ...nothing,
      unchanged: 2,
    });
  });

  it.each<[string, Agreement, string, string]>([
    [
      'the machine is struck',
      agreementOf({ resources: [], terms: [remoteService] }),
      'resource_not_agreed',
      `resource ${BUYER}/press-7`,
    ],
    ['a purpose is struck', asking({ purposes: [id('audit')] }), 'purpose_not_agreed', 'remote-service'],
    [
      'three must approve',
      asking({ approvals: [{ group: id('maintenance'), persons: 3 }] }),
      'approvals_missing',
      'remote-service',
    ],
    ['windows are shorter', asking({ longestWindowSeconds: 3_600 }), 'window_too_long', 'remote-service'],
    ['a verdict is asked for that nobody gave', with_(embargo), 'embargo_unknown', `embargo ${BUYER}`],
  ])('permit becomes deny where %s, and names the term', (_, draft, code, term) => {
    expect(under(draft, [use()])).toEqual({
      unchanged: 0,
      unexplained: [],
      changes: [
        {
          ...{ what: 'session', id: 'evd_1', at: NOW, subject: technician, resource: press7, action: 'ssh' },
          ...{ from: 'permit', to: 'deny', code, term },
        },
      ],
    });
  });

  it('deny becomes permit where the draft asks for less, and names the term that was in the way', () => {
    const one = rightOf({}, { approvers: [approver('first-approver')] });
    const draft = asking({ approvals: [{ group: id('maintenance'), persons: 1 }] });
    const change = { from: 'deny', to: 'permit', code: 'approvals_missing', term: 'remote-service' };
    for (const what of ['grant', 'session', 'decision'] as const)
      expect(under(draft, [denied('approvals_missing', null, { what, right: one })]).changes).toMatchObject([change]);
  });

  it('a verdict that both versions ask for counts as it was recorded, and one that is asked no more stands in no way', () => {
    const no = denied('embargo_blocked', `embargo ${BUYER}`);
    expect(under(with_(embargo), [use(), no], with_(embargo))).toEqual({ ...nothing, unchanged: 2 });
    expect(under(agreementOf(), [use(), no], with_(embargo))).toMatchObject({
      unchanged: 1,
      changes: [{ from: 'deny', to: 'permit', code: 'embargo_blocked', term: `embargo ${BUYER}` }],
    });
    const laxer = with_({ ...embargo, maxAgeSeconds: 90 });
    expect(under(laxer, [use()], with_(embargo))).toEqual({ ...nothing, unchanged: 1 });
    const stricter = with_({ ...embargo, maxAgeSeconds: 30 });
    expect(under(stricter, [no], with_(embargo))).toEqual({ ...nothing, unchanged: 1 });
    expect(under(stricter, [use()], with_(embargo)).changes).toMatchObject([{ to: 'deny', code: 'embargo_unknown' }]);
  });

  it('what no version explains is told apart, and nothing is concluded from it', () => {
    const given = [denied('lease_over', null, { id: 'evd_2' }), use({ id: 'evd_3', at: NOW + 2 * HOUR })];
    expect(under(agreementOf({ resources: [] }), given)).toEqual({
      ...{ unchanged: 0, changes: [] },
      unexplained: [
        { id: 'evd_2', code: 'lease_over' },
        { id: 'evd_3', code: 'outside_window' },
      ],
    });
  });

  it('a cut counts from when it was made', () => {
    const cut = held({ issuedAt: NOW }) as never;
    expect(under(agreementOf(), [use({ at: NOW - 1 })], agreementOf(), [cut])).toEqual({ ...nothing, unchanged: 1 });
    expect(under(agreementOf(), [denied('taken_away', 'revoke')], agreementOf(), [cut])).toEqual({
      ...nothing,
      unchanged: 1,
    });
  });

  it('a member that was struck is nobody’s under either version, and one that is on the list everybody’s as before', () => {
    const list = memberListOf({ members: [press7.id] }, 'presses') as never;
    const right = rightOf({ memberLists: { resources: digest('presses') } });
    const strike = { kind: 'member', id: press7.id, list: digest('presses') } as const;
    const cut = held({ target: strike, issuedAt: NOW }) as never;
    const replayed = (one: Replayed, acts: never[], lists: never[] = [list]) =>
      under(agreementOf({ version: 2 }), [one], agreementOf(), acts, lists);
    expect(replayed(use({ right }), [])).toEqual({ ...nothing, unchanged: 1 });
    expect(replayed(use({ right, at: NOW - 1 }), [cut])).toEqual({ ...nothing, unchanged: 1 });
    expect(replayed(denied('taken_away', 'revoke', { right }), [cut])).toEqual({ ...nothing, unchanged: 1 });
    // Without the list that the right names nobody can tell, and nothing is concluded.
    expect(replayed(use({ right }), [], [])).toMatchObject({
      ...{ changes: [], unchanged: 0, unexplained: [{ code: 'membership_unknown' }] },
    });
  });

  it('each action that the right names is judged, and a right is judged as a whole', () => {
    const both = agreementOf({ resources: [{ ...press7, class: 'standard', services: [id('ssh'), id('vnc')] }] });
    const right = rightOf({ actions: [id('ssh'), id('vnc')] });
    expect(under(agreementOf(), [use({ right })], both).changes.map(({ action, code }) => [action, code])).toEqual([
      ['ssh', 'action_not_agreed'],
      ['vnc', 'action_not_agreed'],
    ]);
    expect(under(agreementOf(), [use({ what: 'grant', right })], both).changes).toHaveLength(1);
  });

  it('a right in other hands is judged link by link', () => {
    const handing: Term = { type: 'delegation', depth: 1, delegates: [VENDOR], unapproved: ['standard'] };
    const colleague = { ...technician, id: id('colleague') };
    const document = { ...grantOf(), typ: 'delegation', subjects: [colleague], uses: null } as unknown as Delegation;
    const delegations = [{ document, digest: digest('delegation'), approvers: [] }];
    const handed = use({ subject: colleague, right: rightOf({}, { delegations }) });
    expect(under(with_(handing), [handed], with_(handing))).toEqual({ ...nothing, unchanged: 1 });
    expect(under(agreementOf(), [handed], with_(handing)).changes).toMatchObject([{ code: 'delegation_not_agreed' }]);
    const asked = with_({ ...handing, unapproved: [] });
    expect(under(asked, [handed], with_(handing)).changes).toMatchObject([
      { code: 'approvals_missing', term: 'delegation' },
    ]);
  });

  it('data that went where the draft sends none', () => {
    const right = rightOf({
      kind: 'data-collection',
      actions: [id('telemetry')],
      purpose: id('predictive-maintenance'),
      windows: [{ from: NOW, to: NOW + HOUR }],
      subjects: [{ ...technician, kind: 'workload' }],
    });
    const flow = use({ what: 'flow', subject: { ...technician, kind: 'workload' }, right, region: id('eu-1') });
    expect(under(agreementOf(), [flow])).toEqual({ ...nothing, unchanged: 1 });
    const draft = agreementOf({
      terms: [
        remoteService,
        { ...dataCollection, regions: [id('eu-2')] } as Term,
        { ...region, region: id('eu-2') } as Term,
        offline,
      ],
    });
    expect(under(draft, [flow]).changes).toMatchObject([
      { what: 'flow', from: 'permit', to: 'deny', code: 'region_not_agreed', term: 'data-collection' },
    ]);
  });
});
