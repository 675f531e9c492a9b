import { describe, expect, it } from '@jest/globals';
import {
  agreementOf,
  BUYER,
  chainOf,
  DAY,
  digest,
  grantOf,
  HOUR,
  held,
  id,
  key,
  MINUTE,
  NOW,
  OTHER,
  press7,
  session,
  VENDOR,
  verdictOf,
} from '../test/a-right.js';
import { type Ask, type Circumstances, decide } from './decide.js';
import type { Agreement, Term } from './documents/agreement.js';

const ask: Ask = {
  subject: { organisation: VENDOR, kind: 'person', id: id('technician') },
  leaf: key('leaf'),
  action: id('ssh'),
  resource: press7,
  session,
};
const nothing: Circumstances = { acts: [], verdicts: [], annexes: [], invalid: new Set() };
const judge = (over: Partial<Ask> = {}, facts: Partial<Circumstances> = {}, now = NOW, chain = chainOf()) =>
  decide(chain, { ...ask, ...over }, { ...nothing, ...facts }, now);
const refused = (code: string, clause?: string) => ({ allowed: false, refusal: { code, ...(clause && { clause }) } });
const window = { from: NOW - HOUR, to: NOW + HOUR };

describe('a decision under a delegation', () => {
  const handed = (over: object = {}) => ({
    document: {
      ...grantOf(),
      typ: 'delegation',
      id: 'grt_2',
      subjects: [{ ...ask.subject, id: id('colleague') }],
      ...over,
    },
    digest: digest('delegation'),
  });
  const chain = (...delegations: object[]) =>
    ({ ...chainOf(), subject: { ...ask.subject, id: id('colleague') }, delegations }) as unknown as ReturnType<
      typeof chainOf
    >;
  const by = (delegations: object[], facts: Partial<Circumstances> = {}, now = NOW, over: Partial<Ask> = {}) =>
    judge({ subject: { ...ask.subject, id: id('colleague') }, ...over }, facts, now, chain(...delegations));

  it('is for the delegate, inside every right of the chain, in the time that all of them leave open', () => {
    const later = handed({ id: 'grt_3', windows: [{ from: NOW - MINUTE, to: NOW + MINUTE }] });
    expect(by([handed(), later])).toEqual({
      allowed: true,
      value: { window: later.document.windows[0], freshUntil: Infinity },
    });
    expect(by([handed(), later], {}, NOW + MINUTE)).toEqual(refused('outside_window'));
    expect(by([later, handed()], {}, NOW + MINUTE)).toEqual(refused('outside_window'));
    expect(by([handed({ actions: [id('vnc')] }), handed()])).toEqual(refused('outside_grant'));
    expect(by([handed({ resources: [] }), handed()])).toEqual(refused('outside_grant'));
    expect(by([handed({ subjects: [ask.subject] })])).toEqual(refused('outside_grant'));
  });

  it('knows every right of the chain on a status list, and asks for a verdict about each', () => {
    for (const name of ['grt_1', 'grt_2'])
      expect(by([handed()], { invalid: new Set([name]) })).toEqual(refused('status_invalid'));
    const embargo: Term = { type: 'embargo', party: BUYER, issuers: [id('eu')], maxAgeSeconds: 60 };
    const agreement = agreementOf({ terms: [...agreementOf().terms, embargo] });
    const under = { ...chain(handed()), agreement } as ReturnType<typeof chainOf>;
    const of = { subject: { ...ask.subject, id: id('colleague') } };
    const about = (...names: string[]) => ({ verdicts: names.map((name) => verdictOf({ grant: digest(name) })) });
    expect(judge(of, about('grant'), NOW, under)).toEqual(refused('embargo_unknown', `embargo ${BUYER}`));
    expect(judge(of, about('delegation'), NOW, under)).toEqual(refused('embargo_unknown', `embargo ${BUYER}`));
    expect(judge(of, about('grant', 'delegation'), NOW, under)).toMatchObject({ allowed: true });
  });
});

describe('a decision', () => {
  it('allows what was granted, and says in which window', () => {
    expect(judge()).toEqual({ allowed: true, value: { window, freshUntil: Infinity } });
    expect(judge({ session: null })).toMatchObject({ allowed: true });
  });

  it.each<[string, Partial<Ask>]>([
    ['another key', { leaf: key('other') }],
    ['another person', { subject: { ...ask.subject, id: id('colleague') } }],
    ['another company', { subject: { ...ask.subject, organisation: OTHER } }],
    ['another kind', { subject: { ...ask.subject, kind: 'workload' } }],
  ])('not_the_holder: %s, before anything of the grant is told', (_, over) => {
    expect(judge({ ...over, action: id('vnc') }, {}, NOW + DAY)).toEqual(refused('not_the_holder'));
  });

  it.each<[string, Partial<Ask>]>([
    ['another action', { action: id('vnc') }],
    ['another machine', { resource: { owner: BUYER, id: id('press-8') } }],
    ['the same name at another owner', { resource: { owner: VENDOR, id: id('press-7') } }],
  ])('outside_grant: %s', (_, over) => expect(judge(over)).toEqual(refused('outside_grant')));

  it('outside_grant: a proven subject that the grant does not name', () => {
    const colleagues = grantOf({ subjects: [{ ...ask.subject, id: id('colleague') }] });
    expect(judge({}, {}, NOW, chainOf(agreementOf(), colleagues))).toEqual(refused('outside_grant'));
  });

  it('outside_window: open at its first millisecond, closed at its last', () => {
    expect(judge({}, {}, window.from)).toMatchObject({ allowed: true });
    expect(judge({}, {}, window.from - 1)).toEqual(refused('outside_window'));
    expect(judge({}, {}, window.to - 1)).toMatchObject({ allowed: true });
    expect(judge({}, {}, window.to)).toEqual(refused('outside_window'));
  });

  it('agreement_over and agreement_not_yet_effective: at the edge', () => {
    const lasting = grantOf({ windows: [{ from: 0, to: NOW + 9 * DAY }] });
    const at = (now: number) => judge({}, {}, now, chainOf(agreementOf(), lasting));
    expect(at(NOW - DAY)).toMatchObject({ allowed: true });
    expect(at(NOW - DAY - 1)).toEqual(refused('agreement_not_yet_effective'));
    expect(at(NOW + DAY - 1)).toMatchObject({ allowed: true });
    expect(at(NOW + DAY)).toEqual(refused('agreement_over'));
  });

  it('term_without_evaluator and agreement_incoherent: a live chain is judged again', () => {
    const unknown = agreementOf({ terms: [...agreementOf().terms, { type: 'moon-phase' }] });
    expect(judge({}, {}, NOW, chainOf(unknown))).toEqual(refused('term_without_evaluator', 'moon-phase'));
    expect(judge({}, {}, NOW, chainOf(agreementOf({ parties: [] })))).toEqual(
      refused('agreement_incoherent', 'parties'),
    );
  });

  it('is to be asked again when a notice is over, without any news', () => {
    const notice = { type: 'notice', terminateSeconds: 60 } as const;
    const agreement = agreementOf({ terms: [...agreementOf().terms, notice] });
    const terminated = held({ verb: 'terminate', target: { kind: 'agreement', id: agreement.id } });
    const at = (now: number) => judge({}, { acts: [terminated] }, now, chainOf(agreement));
    expect(at(NOW)).toMatchObject({ value: { freshUntil: NOW + MINUTE } });
    expect(at(NOW + MINUTE)).toMatchObject({ refusal: { code: 'taken_away', clause: 'terminate' } });
    expect(judge()).toMatchObject({ value: { freshUntil: Number.POSITIVE_INFINITY } });
  });

  it('taken_away: says by which verb and act', () => {
    expect(judge({}, { acts: [held()] })).toEqual({
      allowed: false,
      refusal: { code: 'taken_away', clause: 'revoke', detail: 'sha256:act' },
    });
  });

  it.each([
    ['the grant', 'grt_1'],
    ['the session', 'ses_1'],
    ['the key', 'leaf'],
  ])('status_invalid: %s', (_, invalid) => {
    expect(judge({}, { invalid: new Set([invalid]) })).toEqual(refused('status_invalid'));
    expect(judge({}, { invalid: new Set([`${invalid}x`, 'null']) })).toMatchObject({ allowed: true });
    expect(judge({ session: null }, { invalid: new Set(['null']) })).toMatchObject({ allowed: true });
  });
});

describe.each([
  [
    'embargo',
    { type: 'embargo', party: BUYER, issuers: [id('eu')], maxAgeSeconds: 600 },
    'embargo',
    'embargo_unknown',
    'embargo_blocked',
  ],
  [
    'decision point',
    { type: 'decision-point', party: BUYER, present: true, maxAgeSeconds: 600 },
    'decide',
    'decision_point_unknown',
    'decision_point_denied',
  ],
] as const)('a verdict of an %s', (_, term, kind, unknown, blocked) => {
  const chain = chainOf(agreementOf({ terms: [...agreementOf().terms, term as Term] }) as Agreement);
  const verdict = (over: object = {}) => verdictOf({ kind, ...over });
  const at = (now: number, ...verdicts: ReturnType<typeof verdictOf>[]) => judge({}, { verdicts }, now, chain);
  const clause = `${term.type} ${BUYER}`;

  it('is needed where the agreement says so, and no other answers for it', () => {
    expect(at(NOW)).toEqual(refused(unknown, clause));
    expect(at(NOW, verdict())).toMatchObject({ allowed: true });
    expect(at(NOW, verdict({ organisation: VENDOR }))).toEqual(refused(unknown, clause));
    expect(at(NOW, verdict({ grant: 'sha256:other' }))).toEqual(refused(unknown, clause));
    expect(at(NOW, verdict({ kind: kind === 'embargo' ? 'decide' : 'embargo' }))).toEqual(refused(unknown, clause));
  });

  it('blocks, also beside one that does not', () => {
    expect(at(NOW, verdict({ outcome: 'blocked' }))).toEqual(refused(blocked, clause));
    expect(at(NOW, verdict(), verdict({ outcome: 'blocked' }))).toEqual(refused(blocked, clause));
  });

  it('is stale at its agreed age, at its own end, and not believed from beyond the skew', () => {
    expect(at(NOW + 10 * MINUTE - 1, verdict())).toMatchObject({ allowed: true });
    expect(at(NOW + 10 * MINUTE, verdict())).toEqual(refused(unknown, clause));
    const short = verdict({ expiresAt: NOW + 1 });
    expect(at(NOW, short)).toMatchObject({ allowed: true });
    expect(at(NOW + 1, short)).toEqual(refused(unknown, clause));
    expect(at(NOW - MINUTE, verdict())).toMatchObject({ allowed: true });
    expect(at(NOW - MINUTE - 1, verdict())).toEqual(refused(unknown, clause));
  });

  it('is not asked for where the agreement says that this side has none', () => {
    const none = { ...term, ...(kind === 'embargo' ? { issuers: [] } : { present: false }) } as Term;
    const without = chainOf(agreementOf({ terms: [...agreementOf().terms, none] }));
    expect(judge({}, {}, NOW, without)).toMatchObject({ allowed: true });
  });
});
