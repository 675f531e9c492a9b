import { describe, expect, it } from '@jest/globals';
import {
  agreementOf,
  BUYER,
  DAY,
  dataCollection,
  HOUR,
  held,
  houseOf,
  id,
  key,
  NOW,
  OTHER,
  offline,
  press7,
  region,
  remoteService,
  VENDOR,
} from '../../test/a-right.js';
import type { Agreement, Term } from '../documents/agreement.js';
import { route } from '../flow/route.js';
import type { AgreementId, LocalId } from '../names.js';
import { activate } from './activate.js';
import { inRetrieval } from './ending.js';
import { evidenceTerm } from './find-terms.js';
import { statusByActs } from './status-by-acts.js';

const at = (over: Partial<Agreement> = {}, now = NOW) => activate(agreementOf(over), now);
const incoherent = (clause: string) => ({ allowed: false, refusal: { code: 'agreement_incoherent', clause } });
const party = (organisation: typeof BUYER) => ({ ...agreementOf().parties[0]!, organisation });
const withTerm = (...more: object[]) => at({ terms: [...agreementOf().terms, ...(more as Term[])] });
const embargo = { type: 'embargo', party: BUYER, issuers: [id('eu')], maxAgeSeconds: 1 };
const decisionPoint = { type: 'decision-point', party: BUYER, present: true, maxAgeSeconds: 1 };

describe('an agreement version', () => {
  it('is active between its own dates, to the millisecond', () => {
    expect(at()).toMatchObject({ allowed: true });
    expect(at({}, NOW - DAY)).toMatchObject({ allowed: true });
    expect(at({}, NOW - DAY - 1)).toMatchObject({ refusal: { code: 'agreement_not_yet_effective' } });
    expect(at({}, NOW + DAY - 1)).toMatchObject({ allowed: true });
    expect(at({}, NOW + DAY)).toMatchObject({ refusal: { code: 'agreement_over' } });
    expect(activate(houseOf(BUYER), NOW)).toMatchObject({ allowed: true });
  });

  it('term_without_evaluator: one unknown term stops the whole, also one named like a part of every object', () => {
    for (const type of ['moon-phase', 'toString', '__proto__', 'constructor', 'Remote-Service'])
      expect(withTerm({ type })).toEqual({ allowed: false, refusal: { code: 'term_without_evaluator', clause: type } });
  });

  it.each(['session-recording', 'court-order', 'lawful-intercept'])(
    'term_without_evaluator: %s, which nothing here can hold',
    (type) =>
      expect(withTerm({ type, demanded: true })).toMatchObject({
        refusal: { code: 'term_without_evaluator', clause: type },
      }),
  );

  it.each<[string, Partial<Agreement>, string]>([
    ['one party', { parties: [party(BUYER)] }, 'parties'],
    ['no party', { parties: [] }, 'parties'],
    ['one party twice', { parties: [party(BUYER), party(BUYER)] }, 'parties'],
    ['a house of two', { house: true }, 'parties'],
    ['an end before its beginning', { endsAt: NOW - DAY }, 'endsAt'],
    [
      'a machine of a stranger',
      { resources: [{ owner: OTHER, id: id('press-7'), class: 'standard', services: [] }] },
      'resources',
    ],
    ['one machine twice', { resources: [...agreementOf().resources, ...agreementOf().resources] }, 'resources'],
  ])('agreement_incoherent: %s', (_, over, clause) => expect(at({ terms: [], ...over })).toEqual(incoherent(clause)));

  it.each<[string, object, string]>([
    [
      'data of a machine that is not agreed',
      { ...dataCollection, resource: { owner: BUYER, id: id('press-8') } },
      'data-collection',
    ],
    [
      'data of the same name at another owner',
      { ...dataCollection, resource: { owner: VENDOR, id: id('press-7') } },
      'data-collection',
    ],
    [
      'data for a stranger',
      { ...dataCollection, product: id('video'), recipients: [VENDOR, OTHER] },
      'data-collection',
    ],
    [
      'data through an unknown region',
      { ...dataCollection, product: id('video'), regions: [id('eu-1'), id('mars-1')] },
      'data-collection',
    ],
    ['an embargo of a stranger', { ...embargo, party: OTHER }, 'embargo'],
    ['a decision point of a stranger', { ...decisionPoint, party: OTHER }, 'decision-point'],
    [
      'access that nobody approves',
      { ...remoteService, type: 'machine-to-machine', approvals: [] },
      'machine-to-machine',
    ],
  ])('agreement_incoherent: %s', (_, term, clause) => expect(withTerm(term)).toEqual(incoherent(clause)));

  it.each([remoteService, dataCollection, region, offline])(
    'agreement_incoherent: the same thing said twice ($type)',
    (term) => {
      expect(withTerm(term)).toEqual(incoherent(term.type));
    },
  );
  it.each([embargo, decisionPoint, { type: 'notice', terminateSeconds: 1 }])(
    'agreement_incoherent: said twice ($type)',
    (term) => {
      expect(withTerm(term)).toMatchObject({ allowed: true });
      expect(withTerm(term, term)).toEqual(incoherent(term.type));
    },
  );

  it('says different things of different parties, products, regions and classes side by side', () => {
    expect(
      withTerm(embargo, { ...embargo, party: VENDOR }, decisionPoint, { ...decisionPoint, party: VENDOR }),
    ).toMatchObject({ allowed: true });
    expect(withTerm({ ...dataCollection, product: id('video') }, { ...region, region: id('us-1') })).toMatchObject({
      allowed: true,
    });
    expect(withTerm({ ...offline, class: 'critical' }, { ...offline, kind: 'data-collection' })).toMatchObject({
      allowed: true,
    });
  });

  it('without a word on evidence has no evidence term to weaken it', () =>
    expect(evidenceTerm(agreementOf())).toBeUndefined());
});

describe('where an agreement stands', () => {
  const whole = { kind: 'agreement', id: 'agr_1' as AgreementId } as const;
  const stands = (acts: Parameters<typeof statusByActs>[1], now = NOW) =>
    statusByActs(agreementOf({ terms: [{ type: 'notice', terminateSeconds: 3_600 }] }), acts, now);
  const suspended = held({ verb: 'suspend', target: whole }, 'suspension');
  const resumed = held({ verb: 'resume', target: whole, lifts: suspended.digest }, 'resume', [BUYER, VENDOR]);
  const terminated = held({ verb: 'terminate', target: whole }, 'termination');

  it('is the narrowest of what its own end and the acts on it say', () => {
    expect(stands([])).toBe('active');
    expect(stands([suspended])).toBe('suspended');
    expect(stands([suspended, resumed])).toBe('active');
    expect(stands([suspended, { ...resumed, signers: [BUYER] }])).toBe('suspended');
    expect(stands([suspended, terminated])).toBe('terminating');
    expect(stands([terminated], NOW + HOUR - 1)).toBe('terminating');
    expect(stands([terminated], NOW + HOUR)).toBe('ended');
    expect(stands([held({ target: whole })])).toBe('ended');
    expect(stands([], NOW + DAY)).toBe('ended');
  });

  it('is terminating until retrieval is over too, however it ended, and nothing makes that shorter', () => {
    const notice = { type: 'notice', terminateSeconds: 3_600, retrievalSeconds: 7_200 } as const;
    const agreement = agreementOf({ terms: [notice] });
    const at = (acts: Parameters<typeof statusByActs>[1], now: number) => statusByActs(agreement, acts, now);
    expect(at([terminated, suspended], NOW + 3 * HOUR - 1)).toBe('terminating');
    expect(at([terminated, suspended], NOW + 3 * HOUR)).toBe('ended');
    expect(at([], NOW + DAY - 1)).toBe('active');
    expect([at([], NOW + DAY), at([], NOW + DAY + 2 * HOUR)]).toEqual(['terminating', 'ended']);
    const all = held({ target: whole });
    expect([at([all], NOW), at([terminated, all], NOW + 2 * HOUR)]).toEqual(['terminating', 'ended']);
    const retrieved = (acts: Parameters<typeof statusByActs>[1], now: number) => inRetrieval(agreement, acts, now);
    expect([retrieved([], NOW), retrieved([terminated], NOW + HOUR - 1)]).toEqual([undefined, undefined]);
    expect(retrieved([terminated], NOW + HOUR)).toBe(NOW + 3 * HOUR);
    expect(retrieved([{ ...terminated, act: { ...terminated.act, organisation: OTHER } }], NOW + HOUR)).toBeUndefined();
    expect(retrieved([terminated], NOW + 3 * HOUR)).toBeUndefined();
  });

  it('ends by an act from when that was first held: no date its signer wrote takes away what is owed', () => {
    const notice = { type: 'notice', terminateSeconds: 3_600, retrievalSeconds: 7_200 } as const;
    const agreement = agreementOf({ terms: [notice] });
    const dated = (verb: 'terminate' | 'revoke', issuedAt: number) => [
      { ...held({ verb, target: whole, issuedAt }, `${verb} ${issuedAt}`), heldSince: NOW },
    ];
    for (const before of [NOW - DAY, 0]) {
      expect(statusByActs(agreement, dated('terminate', before), NOW)).toBe('terminating');
      expect(inRetrieval(agreement, dated('terminate', before), NOW + HOUR)).toBe(NOW + 3 * HOUR);
      expect(inRetrieval(agreement, dated('revoke', before), NOW)).toBe(NOW + 2 * HOUR);
    }
    expect(inRetrieval(agreement, dated('revoke', NOW + HOUR), NOW)).toBe(NOW + 2 * HOUR);
    expect(inRetrieval(agreement, dated('terminate', NOW + HOUR), NOW + 2 * HOUR)).toBe(NOW + 4 * HOUR);
  });

  it('is not moved by acts on other things, of strangers, or of other agreements', () => {
    expect(stands([held()])).toBe('active');
    expect(stands([held({ target: whole, organisation: OTHER })])).toBe('active');
    expect(stands([held({ target: whole, agreementId: 'agr_2' as AgreementId })])).toBe('active');
    expect(stands([held({ target: { kind: 'agreement', id: 'agr_2' as AgreementId } })])).toBe('active');
  });
});

describe('the route of a batch', () => {
  const routed = (to: LocalId, shown: string, term = dataCollection, agreement = agreementOf()) =>
    route(agreement, term as Extract<Term, { type: 'data-collection' }>, to, key(shown));

  it('leads to an agreed region whose endpoint shows an agreed key, and nowhere else', () => {
    expect(routed(id('eu-1'), 'endpoint')).toMatchObject({ allowed: true });
    expect(routed(id('eu-1'), 'other')).toMatchObject({ refusal: { code: 'endpoint_not_agreed' } });
    expect(routed(id('us-1'), 'endpoint')).toMatchObject({ refusal: { code: 'region_not_agreed' } });
    const elsewhere = { ...region, region: id('us-1') } as Term;
    const both = agreementOf({ terms: [...agreementOf().terms, elsewhere] });
    expect(routed(id('us-1'), 'endpoint', dataCollection, both)).toMatchObject({
      refusal: { code: 'region_not_agreed' },
    });
    const without = agreementOf({ terms: [remoteService] });
    expect(routed(id('eu-1'), 'endpoint', dataCollection, without)).toMatchObject({
      refusal: { code: 'region_not_agreed' },
    });
    expect(press7.owner).toBe(BUYER);
  });
});
