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
  NOW,
  narrowed,
  OTHER,
  offline,
  press7,
  remoteService,
  session,
  VENDOR,
  verdictOf,
} from '../test/a-right.js';
import { memberListOf, noticeOf, recordOf, transferOf } from '../test/annexes.js';
import { both, equivalence, insolvency, machines, withTerms } from '../test/papers.js';
import { SAMPLES } from '../test/term-samples.js';
import { type Ask, type Circumstances, type DecideRefusal, decide } from './decide.js';
import type { Agreement, SignalTerm, Term } from './documents/agreement.js';
import type { HeldAnnex } from './documents/annex.js';
import type { Grant } from './documents/right.js';
import type { Signal } from './documents/signal.js';
import { PROGRAM_SIGNAL } from './documents/signal.js';

interface Situation {
  readonly agreement?: Agreement;
  readonly grant?: Partial<Grant>;
  readonly ask?: Partial<Ask>;
  readonly facts?: Partial<Circumstances>;
  readonly now?: number;
}

function judge({ agreement = agreementOf(), grant, ask, facts, now = NOW }: Situation) {
  const chain = chainOf(agreement, grantOf(grant));
  const asked = { subject: chain.subject, leaf: key('leaf'), action: id('ssh'), resource: press7, session, ...ask };
  return decide(chain, asked, { acts: [], verdicts: [], annexes: [], invalid: new Set(), ...facts }, now);
}

const under = (...terms: Term[]): Situation => ({ agreement: withTerms(...terms) });
const term = <K extends keyof typeof SAMPLES>(type: K, over: object = {}) =>
  ({ type, ...SAMPLES[type][0], ...over }) as unknown as Term;
const annexes = (...held: HeldAnnex[]): Partial<Circumstances> => ({ annexes: held });
const acts = (...held: Circumstances['acts']): Partial<Circumstances> => ({ acts: held });
const always = (open: boolean) =>
  term('hours', {
    offsets: [{ from: 0, minutes: 0 }],
    open: open
      ? ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => ({ day, from: '00:00', to: '24:00' }))
      : [],
  });
const verdict = (kind: 'embargo' | 'decide', outcome: 'clear' | 'blocked') => ({
  facts: { verdicts: [verdictOf({ kind, outcome })] },
});
const embargo = under(term('embargo', { party: BUYER, maxAgeSeconds: 600 }));
const point = under(term('decision-point', { party: BUYER, maxAgeSeconds: 600 }));
const presence = term('signal', { maxAgeSeconds: 60, signal: 'presence' }) as SignalTerm;
const gateway = id('plant-gateway');
const said = (over: Partial<Signal> = {}): Signal => ({
  ...{ typ: 'signal', v: 1, organisation: BUYER, signal: presence.signal },
  ...{ about: { kind: 'resource', id: press7.id }, holds: true, at: NOW, ...over },
});
const heard = (...signals: Signal[]) => ({ facts: { signals: { held: signals, liveOnly: false, gateway } } });
const RELEASE = 'a'.repeat(64);
const program = under({
  ...presence,
  signal: PROGRAM_SIGNAL,
  about: 'gateway',
  maxAgeSeconds: 300,
  releases: [RELEASE],
});
const running = (release: string) =>
  said({
    ...{ signal: PROGRAM_SIGNAL, about: { kind: 'gateway', id: gateway } },
    program: { version: '1', digest: release, node: 'v22', tzdata: '2026a', evaluators: [], functionRights: [] },
  });
const dormant = {
  ...{ subjectKeys: [key('leaf')], approverKeys: [key('approver')], seconds: 600, uses: 1 },
};
const recurrence = {
  ...{ start: '2026-06-01T12:00:00', zone: 'Europe/Vienna', rule: 'FREQ=DAILY', seconds: 3_600 },
  ...{ zoneDatabase: '2025b', calendar: null },
};
const calendar = (from: number): HeldAnnex => ({
  annex: {
    ...{ typ: 'plant-calendar', v: 1, organisation: BUYER, agreementId: agreementOf().id, sequence: 1 },
    ...{ zone: 'Europe/Vienna', zoneDatabase: '2025b', issuedAt: NOW - HOUR },
    closed: [{ name: 'shutdown', from, to: from + HOUR }],
  },
  digest: digest('calendar'),
  signers: [BUYER],
});
/** A machine that no agreement names, but a selector of it, by what its owner recorded. */
const chosen = (service: string): Situation => ({
  agreement: agreementOf({
    resources: [],
    terms: [remoteService, offline, term('selector', { services: [id(service)] })],
  }),
  facts: annexes(recordOf()),
});
const bounded = { memberLists: { resources: digest('member-list') } };
const lasting = { windows: [{ from: 0, to: NOW + 9 * DAY }] };

/** What each no rests on, and the same with that one fact otherwise. A code without a row does not compile. */
const ROWS: { readonly [Code in DecideRefusal]: readonly [no: Situation, yes: Situation] } = {
  not_the_holder: [{ ask: { leaf: key('another') } }, {}],
  outside_grant: [{ ask: { action: id('vnc') } }, { ask: { action: id('vnc') }, grant: { actions: [id('vnc')] } }],
  not_activated: [{ grant: { dormant } }, { grant: { dormant }, facts: { activated: true } }],
  outside_window: [{ now: NOW + HOUR }, { now: NOW + HOUR - 1 }],
  plant_closed: [
    { grant: { recurrence }, facts: annexes(calendar(NOW)) },
    { grant: { recurrence }, facts: annexes(calendar(NOW + 1)) },
  ],
  outside_hours: [under(always(false)), under(always(true))],
  files_not_agreed: [under(term('file-transfer')), under(term('file-transfer', { services: [id('ssh')] }))],
  taken_away: [{ facts: acts(held()) }, { facts: acts(held({ target: { kind: 'grant', id: 'grt_2' as never } })) }],
  narrowed: [
    { facts: acts(narrowed({ strike: { resources: [press7] } })) },
    { facts: acts(narrowed({ strike: { resources: [{ owner: BUYER, id: id('press-8') }] } })) },
  ],
  signature_unproven: [
    { facts: acts(held({ target: { kind: 'key', id: key('approver'), ended: { how: 'retired', since: 0 } } })) },
    { facts: acts(held({ target: { kind: 'key', id: key('stranger'), ended: { how: 'retired', since: 0 } } })) },
  ],
  organisation_revoked: [{ facts: { revoked: new Set([BUYER]) } }, { facts: { revoked: new Set([OTHER]) } }],
  beyond_bounds: [{ facts: { beyond: [{ organisation: VENDOR, since: NOW }] } }, { facts: { beyond: [] } }],
  status_invalid: [{ facts: { invalid: new Set(['grt_1']) } }, { facts: { invalid: new Set(['grt_2']) } }],
  membership_unknown: [{ grant: bounded }, { grant: bounded, facts: annexes(memberListOf({ members: [press7.id] })) }],
  not_a_member: [
    { grant: bounded, facts: annexes(memberListOf({ members: [id('press-8')] })) },
    { grant: bounded, facts: annexes(memberListOf({ members: [id('press-8'), press7.id] })) },
  ],
  machine_transferred: [
    { facts: annexes(transferOf()) },
    { facts: annexes(transferOf({ from: { owner: BUYER, id: id('press-8') } })) },
  ],
  machine_decommissioned: [
    { facts: annexes(recordOf(), recordOf({ sequence: 2, state: 'decommissioned' }, 'two')) },
    { facts: annexes(recordOf(), recordOf({ sequence: 2 }, 'two')) },
  ],
  machine_unrecorded: [under(machines), { ...under(machines), facts: annexes(recordOf()) }],
  machine_moved: [
    { ...under(machines), facts: annexes(recordOf({ site: id('south') })) },
    { ...under(machines), facts: annexes(recordOf()) },
  ],
  support_over: [
    { ...under(machines), facts: annexes(recordOf({ supportEndsAt: NOW })) },
    { ...under(machines), facts: annexes(recordOf({ supportEndsAt: NOW + 1 })) },
  ],
  action_not_agreed: [chosen('vnc'), chosen('ssh')],
  equivalence_lapsed: [under(equivalence), { ...under(equivalence), facts: annexes(...both) }],
  party_insolvent: [{ ...under(insolvency), facts: annexes(noticeOf()) }, under(insolvency)],
  embargo_unknown: [embargo, { ...embargo, ...verdict('embargo', 'clear') }],
  embargo_blocked: [
    { ...embargo, ...verdict('embargo', 'blocked') },
    { ...embargo, ...verdict('embargo', 'clear') },
  ],
  decision_point_unknown: [point, { ...point, ...verdict('decide', 'clear') }],
  decision_point_denied: [
    { ...point, ...verdict('decide', 'blocked') },
    { ...point, ...verdict('decide', 'clear') },
  ],
  signal_unknown: [under(presence), { ...under(presence), ...heard(said()) }],
  signal_turned: [
    { ...under(presence), ...heard(said({ holds: false })) },
    { ...under(presence), ...heard(said()) },
  ],
  release_not_agreed: [
    { ...program, ...heard(running('c'.repeat(64))) },
    { ...program, ...heard(running(RELEASE)) },
  ],
  term_without_evaluator: [under({ type: 'moon-phase' } as never), {}],
  agreement_incoherent: [{ agreement: agreementOf({ parties: [] }) }, {}],
  agreement_not_yet_effective: [
    { grant: lasting, now: NOW - DAY - 1 },
    { grant: lasting, now: NOW - DAY },
  ],
  agreement_over: [
    { grant: lasting, now: NOW + DAY },
    { grant: lasting, now: NOW + DAY - 1 },
  ],
};

describe('a decision', () => {
  it.each(Object.entries(ROWS))('%s: is a no by this one fact', (code, [no, yes]) => {
    expect(judge(no)).toMatchObject({ allowed: false, refusal: { code } });
    expect(judge(yes)).toMatchObject({ allowed: true });
  });
});
