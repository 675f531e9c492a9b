import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  agreementOf,
  approver,
  BUYER,
  dataCollection,
  grantOf,
  HOUR,
  houseOf,
  id,
  key,
  NOW,
  OTHER,
  offline,
  press7,
  region,
  remoteService,
  technician,
  twoApprovers,
  VENDOR,
} from '../../test/a-right.js';
import type { Agreement, DataTerm, PartyRole, ThirdPartyTerm } from '../documents/agreement.js';
import type { Grant } from '../documents/right.js';
import { covered } from '../grant/covered.js';
import type { OrganisationId } from '../names.js';
import { activate } from './activate.js';

const INTEGRATOR = 'integrator.example' as OrganisationId;
const guest: ThirdPartyTerm = {
  type: 'third-party',
  party: INTEGRATOR,
  broughtBy: VENDOR,
  kinds: ['remote-service'],
  resources: [press7],
  actions: [id('ssh')],
  purposes: [id('repair')],
  longestWindowSeconds: 3_600,
};
const three = (role: PartyRole = 'third-party') => [
  ...agreementOf().parties,
  { ...agreementOf().parties[0]!, organisation: INTEGRATOR, role, root: key('root of the integrator') },
];
const withGuest = (over: Partial<ThirdPartyTerm> = {}, more: Partial<Agreement> = {}) =>
  agreementOf({ parties: three(), terms: [...agreementOf().terms, { ...guest, ...over } as ThirdPartyTerm], ...more });
const fitter = { organisation: INTEGRATOR, id: id('fitter') };
const itsGrant = (over: Partial<Grant> = {}) =>
  grantOf({
    requester: fitter,
    subjects: [{ ...fitter, kind: 'person' }],
    windows: [{ from: NOW, to: NOW + HOUR }],
    ...over,
  });
const dataPurpose = (dataCollection as DataTerm).purposes[0]!;
const judge = (grant: Partial<Grant> = {}, agreement = withGuest()) =>
  covered(itsGrant(grant), agreement, fitter, twoApprovers, NOW);
const tooMuch = { allowed: false, refusal: { code: 'third_party_not_agreed', clause: 'third-party' } };

describe('a third party', () => {
  it('is brought in by one side of an agreement of two', () => {
    expect(activate(withGuest(), NOW)).toMatchObject({ allowed: true });
    expect(activate(withGuest({ broughtBy: BUYER }), NOW)).toMatchObject({ allowed: true });
  });

  const twoSided = agreementOf().parties;
  const product = (over: Partial<DataTerm>) => ({ ...dataCollection, ...over }) as DataTerm;
  it.each<[string, Agreement, string]>([
    ['that nobody brought in', agreementOf({ parties: three() }), 'third-party'],
    ['that is no party', withGuest({}, { parties: twoSided }), 'third-party'],
    ['that is a side at once', withGuest({}, { parties: three('buyer') }), 'third-party'],
    ['brought in by a stranger', withGuest({ broughtBy: OTHER }), 'third-party'],
    ['brought in by itself', withGuest({ broughtBy: INTEGRATOR }), 'third-party'],
    [
      'for a machine that is not agreed',
      withGuest({ resources: [{ owner: VENDOR, id: id('press-7') }] }),
      'third-party',
    ],
    [
      'twice',
      agreementOf({ parties: three(), terms: [...agreementOf().terms, guest, { ...guest, broughtBy: BUYER }] }),
      'third-party',
    ],
    [
      'in the place of a side',
      withGuest({}, { parties: three().filter((one) => one.organisation !== BUYER), resources: [], terms: [guest] }),
      'parties',
    ],
    [
      'that receives what its side does not',
      withGuest({}, { terms: [region, guest, product({ recipients: [INTEGRATOR] })] }),
      'third-party',
    ],
    [
      'that receives data of a machine it was not brought in for',
      withGuest(
        {},
        {
          resources: [...agreementOf().resources, { owner: BUYER, id: id('press-8'), class: 'standard', services: [] }],
          terms: [
            region,
            guest,
            product({ recipients: [VENDOR, INTEGRATOR], resource: { owner: BUYER, id: id('press-8') } }),
          ],
        },
      ),
      'third-party',
    ],
  ])('agreement_incoherent: one %s', (_, agreement, clause) => {
    expect(activate(agreement, NOW)).toEqual({ allowed: false, refusal: { code: 'agreement_incoherent', clause } });
  });

  it('may receive what its side receives, or what its side owns', () => {
    const beside = withGuest({}, { terms: [region, guest, product({ recipients: [VENDOR, INTEGRATOR] })] });
    expect(activate(beside, NOW)).toMatchObject({ allowed: true });
    const ofBuyer = { ...guest, broughtBy: BUYER };
    const own = withGuest({}, { terms: [region, ofBuyer, product({ recipients: [INTEGRATOR] })] });
    expect(activate(own, NOW)).toMatchObject({ allowed: true });
  });

  it('is granted what it was brought in for, with the approvals of the owner', () => {
    expect(judge()).toEqual({ allowed: true, value: { owner: BUYER, subjectSide: INTEGRATOR } });
    expect(covered(itsGrant(), withGuest(), fitter, [approver('one')], NOW)).toMatchObject({
      refusal: { code: 'approvals_missing' },
    });
    const theirs = twoApprovers.map((one) => ({ ...one, organisation: INTEGRATOR }));
    expect(covered(itsGrant(), withGuest(), fitter, theirs, NOW)).toMatchObject({
      refusal: { code: 'approvals_missing' },
    });
  });

  const eight = { owner: BUYER, id: id('press-8') };
  const roomy = withGuest(
    {},
    {
      resources: [
        { ...press7, class: 'standard', services: [id('ssh'), id('opc-ua')] },
        { ...eight, class: 'standard', services: [id('ssh')] },
      ],
      terms: [{ ...remoteService, purposes: [id('repair'), id('tuning')] } as never, offline, guest],
    },
  );
  it.each<[string, Partial<Grant>]>([
    ['another machine', { resources: [eight] }],
    ['one machine more', { resources: [press7, eight] }],
    ['another service', { actions: [id('opc-ua')] }],
    ['one service more', { actions: [id('ssh'), id('opc-ua')] }],
    ['another purpose', { purpose: id('tuning') }],
    ['another kind', { kind: 'machine-to-machine' }],
    ['a longer window', { windows: [{ from: NOW, to: NOW + HOUR + 1 }] }],
  ])('third_party_not_agreed: %s, though its side may have it', (_, over) => {
    expect(judge(over, roomy)).toEqual(tooMuch);
    const asSide = { requester: technician, subjects: [{ ...technician, kind: 'person' as const }] };
    if (over.kind === undefined)
      expect(covered(itsGrant({ ...over, ...asSide }), roomy, technician, twoApprovers, NOW)).toMatchObject({
        allowed: true,
      });
  });

  it('never holds more than the side that brought it in, whatever both signed about it', () => {
    const some = <T>(values: readonly T[]) => fc.subarray([...values], { minLength: 1 });
    const services = [id('ssh'), id('opc-ua'), id('vnc')];
    const purposes = [id('repair'), id('tuning')];
    const anything = fc.record({
      term: fc.record({
        kinds: some(['remote-service', 'machine-to-machine'] as const),
        resources: some([press7, eight]),
        actions: some(services),
        purposes: some(purposes),
        longestWindowSeconds: fc.integer({ min: 0, max: 7_200 }),
      }),
      agreed: fc.record({
        services: some(services),
        purposes: some(purposes),
        longest: fc.integer({ min: 0, max: 7_200 }),
      }),
      ask: fc.record({
        resources: some([press7, eight]),
        actions: some(services),
        purpose: fc.constantFrom(...purposes),
        seconds: fc.integer({ min: 1, max: 9_000 }),
      }),
    });
    fc.assert(
      fc.property(anything, ({ term, agreed, ask }) => {
        const access = { ...remoteService, purposes: agreed.purposes, longestWindowSeconds: agreed.longest } as never;
        const agreement = withGuest(
          {},
          {
            resources: [{ ...press7, class: 'standard', services: agreed.services }],
            terms: [access, offline, { ...guest, ...term }],
          },
        );
        const windows = [{ from: NOW, to: NOW + ask.seconds * 1000 }];
        const { resources, actions, purpose } = ask;
        const asGuest = judge({ resources, actions, purpose, windows }, agreement);
        const side = { requester: technician, subjects: [{ ...technician, kind: 'person' as const }] };
        const asSide = covered(
          itsGrant({ resources, actions, purpose, windows, ...side }),
          agreement,
          technician,
          twoApprovers,
          NOW,
        );
        return !asGuest.allowed || asSide.allowed;
      }),
    );
  });

  it('receives no flow that it was not brought in for, whoever asks for it', () => {
    const flow = { kind: 'data-collection' as const, actions: [id('telemetry')], ticket: null };
    const asked = { ...flow, purpose: dataPurpose, windows: [{ from: NOW, to: NOW + HOUR }] };
    const ofVendor = { ...asked, requester: technician, subjects: [{ ...technician, kind: 'person' as const }] };
    const judged = (over: Partial<ThirdPartyTerm>, recipients = [VENDOR, INTEGRATOR]) => {
      const agreement = withGuest({}, { terms: [region, { ...guest, ...over }, product({ recipients })] });
      expect(activate(agreement, NOW)).toMatchObject({ allowed: true });
      return covered(itsGrant(ofVendor), agreement, technician, twoApprovers, NOW);
    };
    const brought = { kinds: ['data-collection' as const], actions: flow.actions, purposes: [dataPurpose] };
    expect(judged(brought)).toMatchObject({ allowed: true });
    expect(judged({}, [VENDOR])).toMatchObject({ allowed: true });
    for (const less of [{ kinds: ['remote-service' as const] }, { actions: [id('ssh')] }, { purposes: [id('repair')] }])
      expect(judged({ ...brought, ...less })).toEqual(tooMuch);
    expect(judged({ ...brought, longestWindowSeconds: 3_599 })).toEqual(tooMuch);
  });

  it('has no place in a house agreement', () => {
    const house = houseOf(BUYER);
    const parties = [...house.parties, three()[2]!];
    expect(activate({ ...house, parties, terms: [...house.terms, { ...guest, broughtBy: BUYER }] }, NOW)).toMatchObject(
      {
        refusal: { code: 'agreement_incoherent', clause: 'parties' },
      },
    );
    const alone = houseOf(BUYER, { parties: [{ ...house.parties[0]!, role: 'third-party' }] });
    expect(activate(alone, NOW)).toMatchObject({ refusal: { code: 'agreement_incoherent', clause: 'third-party' } });
  });
});
