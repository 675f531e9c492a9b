import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  agreementOf,
  approver,
  BUYER,
  DAY,
  dataCollection,
  grantOf,
  HOUR,
  houseOf,
  id,
  NOW,
  OTHER,
  press7,
  remoteService,
  technician,
  twoApprovers,
  VENDOR,
} from '../../test/a-right.js';
import type { Agreement, ApprovalRule } from '../documents/agreement.js';
import type { Grant } from '../documents/right.js';
import type { Approver } from './approver.js';
import { covered } from './covered.js';

const judge = (
  grant: Partial<Grant> = {},
  agreement: Partial<Agreement> = {},
  approvers: readonly Approver[] = twoApprovers,
  requester = technician,
) => covered(grantOf(grant), agreementOf(agreement), requester, approvers, NOW);
const refused = (code: string, clause?: string) => ({ allowed: false, refusal: { code, ...(clause && { clause }) } });
const terms = (over: object) => ({ terms: [{ ...remoteService, ...over }] }) as Partial<Agreement>;
const person = (organisation: typeof VENDOR, name: string) => ({ organisation, kind: 'person' as const, id: id(name) });
const data = {
  kind: 'data-collection',
  actions: [id('telemetry')],
  purpose: id('predictive-maintenance'),
  ticket: null,
  subjects: [{ organisation: VENDOR, kind: 'workload', id: id('pipeline') }],
  windows: [{ from: NOW, to: NOW + HOUR }],
} as const;

describe('the hours of an approver', () => {
  const shift = {
    hours: [
      { from: NOW - 2 * HOUR, to: NOW - HOUR },
      { from: NOW, to: NOW + HOUR },
    ],
  };
  const [first] = twoApprovers as [Approver, Approver];
  it.each([
    ['inside the first span', NOW - HOUR - 1, true],
    ['at the end of a span, which is outside', NOW - HOUR, false],
    ['between two spans', NOW - 1, false],
    ['at the start of a span', NOW, true],
    ['after the last span', NOW + HOUR, false],
  ])('approval_out_of_hours: a yes given %s', (_, signedAt, counts) => {
    const by = judge({}, {}, [first, approver('second-approver', { ...shift, signedAt })]);
    expect(by).toMatchObject(counts ? { allowed: true } : refused('approval_out_of_hours', 'remote-service'));
  });

  it('bind whoever approves beside enough others, and nobody of another company', () => {
    const off = { ...shift, signedAt: NOW - 3 * HOUR };
    expect(judge({}, {}, [...twoApprovers, approver('third', off)])).toMatchObject(refused('approval_out_of_hours'));
    const foreign = approver('third', { ...off, organisation: VENDOR });
    expect(judge({}, {}, [...twoApprovers, foreign])).toMatchObject({ allowed: true });
  });
});

describe('a grant inside its agreement', () => {
  it('is covered, and names its two sides', () => {
    expect(judge()).toEqual({ allowed: true, value: { owner: BUYER, subjectSide: VENDOR } });
    expect(judge(data, {}, [approver('first-approver')])).toMatchObject({ allowed: true });
  });

  it('works with the roles swapped: the vendor owns, the buyer asks', () => {
    const service = { owner: VENDOR, id: id('advisor') };
    const agreement = { resources: [{ ...service, class: 'standard' as const, services: [id('ssh')] }] };
    const asker = { organisation: BUYER, id: id('planner') };
    const grant = { resources: [service], requester: asker, subjects: [person(BUYER, 'planner')] };
    const vendors = twoApprovers.map((one) => ({ ...one, organisation: VENDOR }));
    expect(judge(grant, agreement, vendors, asker)).toMatchObject({ value: { owner: VENDOR, subjectSide: BUYER } });
    expect(judge(grant, agreement, twoApprovers, asker)).toMatchObject(refused('approvals_missing'));
  });

  it.each<[string, Partial<Grant>]>([
    ['the owner', { resources: [{ owner: OTHER, id: id('press-7') }] }],
    ['the subject', { subjects: [person(OTHER, 'technician')] }],
    ['no resource', { resources: [] }],
    ['no subject', { subjects: [] }],
    ['resources of two owners', { resources: [press7, { owner: VENDOR, id: id('press-7') }] }],
    ['subjects of two sides', { subjects: [person(VENDOR, 'technician'), person(BUYER, 'technician')] }],
    ['a requester of the other side', { requester: { organisation: BUYER, id: id('technician') } }],
    ['another requester than signed', { requester: { organisation: VENDOR, id: id('somebody') } }],
  ])('not_a_party: %s is not of the parties, or not of one', (_, grant) => {
    expect(judge(grant)).toEqual(refused('not_a_party'));
  });

  it('not_a_party: whoever signed for the request is of the subject side', () => {
    expect(judge({}, {}, twoApprovers, { organisation: BUYER, id: id('technician') })).toEqual(refused('not_a_party'));
    const buyers = { organisation: BUYER, id: id('planner') };
    expect(judge({ requester: buyers }, {}, twoApprovers, buyers)).toEqual(refused('not_a_party'));
    const strangers = { organisation: OTHER, id: id('technician') };
    const all = { requester: strangers, subjects: [person(OTHER, 'technician')] };
    expect(judge(all, {}, twoApprovers, strangers)).toEqual(refused('not_a_party'));
  });

  it('same_side: only a house agreement lets a company grant to itself', () => {
    const own = { requester: { organisation: BUYER, id: id('fitter') }, subjects: [person(BUYER, 'fitter')] };
    const fitter = { organisation: BUYER, id: id('fitter') };
    expect(judge(own, {}, twoApprovers, fitter)).toEqual(refused('same_side'));
    expect(covered(grantOf(own), houseOf(BUYER), fitter, twoApprovers, NOW)).toMatchObject({ allowed: true });
  });

  it('resource_not_agreed and action_not_agreed: each resource, each action', () => {
    const press8 = { owner: BUYER, id: id('press-8') };
    expect(judge({ resources: [press7, press8] })).toEqual(refused('resource_not_agreed'));
    expect(judge({ resources: [{ owner: BUYER, id: id('press-70') }] })).toEqual(refused('resource_not_agreed'));
    expect(judge({ actions: [id('ssh'), id('vnc')] })).toEqual(refused('action_not_agreed'));
    expect(judge({ actions: [] })).toEqual(refused('action_not_agreed'));
    expect(judge({ ...data, actions: [id('video')] })).toEqual(refused('action_not_agreed'));
    expect(judge({ ...data, actions: [id('ssh')] })).toEqual(refused('action_not_agreed'));
  });

  it('kind_not_agreed: each kind has its own term, and one data grant is one product of one machine', () => {
    expect(judge({ kind: 'machine-to-machine' })).toEqual(refused('kind_not_agreed', 'machine-to-machine'));
    expect(judge({}, { terms: [dataCollection] })).toEqual(refused('kind_not_agreed', 'remote-service'));
    const press8 = { owner: BUYER, id: id('press-8') };
    const both = {
      resources: [press7, press8].map((one) => ({ ...one, class: 'standard' as const, services: [] })),
      terms: [dataCollection, { ...dataCollection, resource: press8 }] as Agreement['terms'],
    };
    expect(judge({ ...data, resources: [press7, press8] }, both)).toEqual(
      refused('kind_not_agreed', 'data-collection'),
    );
    const two = { terms: [dataCollection, { ...dataCollection, product: id('video') }] as Agreement['terms'] };
    expect(judge({ ...data, actions: [id('telemetry'), id('video')] }, two)).toEqual(
      refused('kind_not_agreed', 'data-collection'),
    );
  });

  it('purpose_not_agreed: also that of another term', () => {
    expect(judge({ purpose: id('predictive-maintenance') })).toEqual(refused('purpose_not_agreed', 'remote-service'));
    expect(judge({ ...data, purpose: id('repair') })).toEqual(refused('purpose_not_agreed', 'data-collection'));
  });

  it('ticket_missing: the pattern holds for the whole ticket, whatever alternatives are in it', () => {
    for (const ticket of [null, '', 'INC-471', 'xINC-4711', 'INC-4711x', 'INC-4711\nINC-4711'])
      expect([ticket, judge({ ticket })]).toEqual([ticket, refused('ticket_missing', 'remote-service')]);
    expect(judge({ ticket: 'xB' }, terms({ ticketPattern: 'A|B' }))).toEqual(
      refused('ticket_missing', 'remote-service'),
    );
    expect(judge({ ticket: null }, terms({ ticketPattern: null }))).toMatchObject({ allowed: true });
  });

  it('window_too_long: to the millisecond, none at all, or turned round', () => {
    const longest = 8 * HOUR;
    const span = (from: number, to: number) => ({ windows: [{ from, to }] });
    expect(judge(span(NOW, NOW + longest))).toMatchObject({ allowed: true });
    expect(judge(span(NOW, NOW + longest + 1))).toEqual(refused('window_too_long', 'remote-service'));
    expect(judge(span(NOW, NOW))).toEqual(refused('window_too_long', 'remote-service'));
    expect(judge(span(NOW, NOW - 1))).toEqual(refused('window_too_long', 'remote-service'));
    expect(judge({ windows: [] })).toEqual(refused('window_too_long', 'remote-service'));
    const second = {
      windows: [
        { from: NOW, to: NOW + 1 },
        { from: NOW, to: NOW + longest + 1 },
      ],
    };
    expect(judge(second)).toEqual(refused('window_too_long', 'remote-service'));
  });

  it('window_outside_agreement: on both edges', () => {
    const span = (from: number, to: number) => judge({ windows: [{ from, to }] });
    const out = refused('window_outside_agreement', 'remote-service');
    expect(span(NOW - DAY, NOW - DAY + HOUR)).toMatchObject({ allowed: true });
    expect(span(NOW - DAY - 1, NOW - DAY + HOUR)).toEqual(out);
    expect(span(NOW + DAY - HOUR, NOW + DAY)).toMatchObject({ allowed: true });
    expect(span(NOW + DAY - HOUR, NOW + DAY + 1)).toEqual(out);
  });

  it('approvals_missing: too few, no rule, guests, strangers, one person twice, one person in two groups', () => {
    const missing = refused('approvals_missing', 'remote-service');
    const [first, second] = twoApprovers as [Approver, Approver];
    for (const approvers of [
      [],
      [first],
      [first, first],
      [first, { ...second, id: first.id }],
      [first, { ...second, guest: true }],
      [first, { ...second, organisation: OTHER }],
      [first, { ...second, organisation: VENDOR }],
      [first, { ...second, groups: [id('canteen')] }],
    ])
      expect([approvers, judge({}, {}, approvers)]).toEqual([approvers, missing]);
    expect(judge({}, terms({ approvals: [] }))).toEqual(missing);
    const two = terms({
      approvals: [
        { group: id('maintenance'), persons: 1 },
        { group: id('safety'), persons: 1 },
      ],
    });
    const both = { ...first, groups: [id('maintenance'), id('safety')] };
    expect(judge({}, two, [both])).toEqual(missing);
    expect(judge({}, two, [both, second])).toMatchObject({ allowed: true });
  });

  it('approver_is_party_to_request: who asks or acts does not approve, however many others do', () => {
    const involved = refused('approver_is_party_to_request', 'remote-service');
    const house = (asker: string, subject: string) => {
      const requester = { organisation: BUYER, id: id(asker) };
      const grant = grantOf({ requester, subjects: [person(BUYER, subject)] });
      return covered(grant, houseOf(BUYER), requester, [...twoApprovers, approver('third')], NOW);
    };
    expect(house('fitter', 'fitter')).toMatchObject({ allowed: true });
    expect(house('third', 'fitter')).toEqual(involved);
    expect(house('fitter', 'third')).toEqual(involved);
    // The same name in another company is another person.
    expect(judge({}, {}, [...twoApprovers, approver('technician')])).toMatchObject({ allowed: true });
  });

  it('answers at once for a long list of approvers that does not fill the last seat', () => {
    const many = Array.from({ length: 30 }, (_, n) => approver(`approver-${n}`));
    const rules = terms({
      approvals: [
        { group: id('maintenance'), persons: 20 },
        { group: id('safety'), persons: 1 },
      ],
    });
    const before = performance.now();
    expect(judge({}, rules, many)).toEqual(refused('approvals_missing', 'remote-service'));
    expect(performance.now() - before).toBeLessThan(500);
  });

  it('fills seats exactly when some order of persons does (property, against trying every order)', () => {
    const groups = ['a', 'b', 'c'].map(id);
    const rule = fc.record({ group: fc.constantFrom(...groups), persons: fc.integer({ min: 1, max: 2 }) });
    const rules = fc.array(rule, { minLength: 1, maxLength: 3 });
    const persons = fc.array(fc.subarray(groups), { maxLength: 5 });
    fc.assert(
      fc.property(rules, persons, (approvals, memberships) => {
        const approvers = memberships.map((of, n) => approver(`approver-${n}`, { groups: of }));
        expect(judge({}, terms({ approvals }), approvers).allowed).toBe(someOrderFills(approvals, approvers));
      }),
      { numRuns: 300 },
    );
  });
});

/** The rule as one would explain it: is there any way to put distinct persons on all seats? */
function someOrderFills(rules: readonly ApprovalRule[], persons: readonly Approver[]): boolean {
  const seats = rules.flatMap(({ group, persons: count }) => Array.from({ length: count }, () => group));
  const fill = (rest: typeof seats, free: readonly Approver[]): boolean => {
    const [seat, ...others] = rest;
    if (seat === undefined) return true;
    return free.some(
      (person) =>
        person.groups.includes(seat) &&
        fill(
          others,
          free.filter((one) => one !== person),
        ),
    );
  };
  return fill(seats, persons);
}
