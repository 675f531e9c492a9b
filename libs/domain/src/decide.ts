import {
  MOST_NARROWINGS,
  type NarrowedVersion,
  narrowedFault,
  narrowedVersions,
  narrowingsOf,
} from './act/narrowing.js';
import { type HeldAct, takenAwayBy } from './act/standing.js';
import { activate, asksForPapers, signalTerms } from './agreement/activate.js';
import { isNamed, selectedBy } from './agreement/agreed-as.js';
import { cutShortAt } from './agreement/ending.js';
import { bringsFiles } from './agreement/file-transfer.js';
import { withinHours } from './agreement/hours.js';
import { personOfLogin } from './agreement/identity-provider.js';
import { safetyNotice } from './agreement/safety.js';
import { lapsedControl } from './annex/equivalence.js';
import { inInsolvency, keptInInsolvency } from './annex/insolvency.js';
import { type MachineRefusal, machineFault, newestRecord } from './annex/machine.js';
import { allow, type Decision, refuse } from './decision.js';
import type { Agreement, GrantKind } from './documents/agreement.js';
import type { HeldAnnex } from './documents/annex.js';
import type { Right } from './documents/right.js';
import type { Approvable } from './documents/standing-approval.js';
import { actionWithin } from './function/function-right.js';
import { awake } from './grant/dormant.js';
import { type MembershipRefusal, membershipFault } from './grant/membership.js';
import { openInCalendar } from './grant/recurrence.js';
import type { Instant, Interval } from './instant.js';
import { within } from './instant.js';
import type { LocalId, OrganisationId, ResourceRef, SessionId, SubjectRef, Thumbprint } from './names.js';
import { sameResource, sameSubject } from './names.js';
import { circumstancesOfSafety, type HeldVerdict, type SafetyUse, type TakenAway } from './session/safety.js';
import { type VerdictRefusal, verdictFault } from './session/verdict-fault.js';
import { type HeardSignals, type SignalRefusal, signalFault, signalsFreshUntil } from './signal/signals.js';
import { listedFault } from './status/token-status.js';
import type { ChainFacts, VerifiedChain } from './verified-chain.js';

/** What is asked, and with which key it was asked: the key of the TLS leaf actually used. */
export interface Ask {
  readonly subject: SubjectRef;
  readonly leaf: Thumbprint;
  readonly action: LocalId;
  readonly resource: ResourceRef;
  readonly session: SessionId | null;
}

/** Verified facts beside the chain. */
export interface Circumstances extends TakenAway {
  readonly verdicts: readonly HeldVerdict[];
  /** Annexes of the agreement, verified here. */
  readonly annexes: readonly HeldAnnex[];
  /**
   * What was heard of the facts that the agreement requires; nothing where left out. A point that is told no signals says so: its answer is advice,
   * and the gateway of the resource's owner looks at them.
   */
  readonly signals?: HeardSignals | 'at-the-gateway';
  /** An approver who is present activated the grant here; that stands in place of its verdicts. */
  readonly activated?: boolean;
  /** The use was opened before. Where safety rests on it, it goes on, or is taken up again, by the rules of that class. */
  readonly resumed?: boolean;
}

export type DecideRefusal =
  | 'not_the_holder'
  | 'outside_grant'
  | 'not_activated'
  | 'outside_window'
  | 'plant_closed'
  | 'outside_hours'
  | 'files_not_agreed'
  | 'taken_away'
  | 'narrowed'
  | 'signature_unproven'
  | 'organisation_revoked'
  | 'beyond_bounds'
  | 'status_invalid'
  | MachineRefusal
  | MembershipRefusal
  | 'action_not_agreed'
  | 'equivalence_lapsed'
  | 'party_insolvent'
  | VerdictRefusal
  | SignalRefusal
  | 'term_without_evaluator'
  | 'agreement_incoherent'
  | 'agreement_not_yet_effective'
  | 'agreement_over';

export interface Allowance {
  readonly window: Interval;
  /** When this has to be asked again without any news: a required signal grows stale, a notice is over. Infinite where nothing of that kind is known. */
  readonly freshUntil: Instant;
}

/**
 * May this subject do this to that resource now, under what was agreed? Pure, and the same code in the decision service,
 * gateway, connector and auditor's replay. Order: subject and possession of the key; scope; acts; time; signals; verdicts. Who asks is decided
 * before anything about the thing asked for is revealed. Anything unknown, missing or stale is no.
 */
export function decide(
  chain: VerifiedChain,
  ask: Ask,
  said: Circumstances,
  now: Instant,
): Decision<Allowance, DecideRefusal> {
  if (ask.leaf !== chain.jkt || !sameSubject(ask.subject, chain.subject)) return refuse('not_the_holder');
  const rights = boundsOf(chain);
  if (!inScope(chain, rights, ask)) return refuse('outside_grant');
  const safety = said.resumed ? safetyOf(chain, ask) : undefined;
  const facts = safety ? circumstancesOfSafety(said, safety, now) : said;
  if (!awake(chain.grant, facts.activated ?? false)) return refuse('not_activated');
  const ended = partyFault(chain.agreement, facts);
  if (ended) return ended;
  const active = activate(chain.agreement, now);
  if (!active.allowed) return active;
  const { agreement, grant, delegations, standingApproval, subject, login, keys, approvers } = chain;
  if (bringsFiles(agreement, grant.kind, ask.action)) return refuse('files_not_agreed', { clause: 'file-transfer' });
  const by = { grant, delegations, standingApproval, approvers };
  const use = { ...by, agreement, subject, login, keys, session: ask.session, resource: ask.resource };
  const act = takenAwayBy(facts.acts, use, now);
  if (act) return takenBy(act);
  const listed = statusFault(chain, rights, ask, facts) ?? membershipFault(chain, facts, ask.resource);
  if (listed) return listed;
  const annexed = annexFault(chain, agreement, ask, facts, now);
  if (annexed) return refuse(annexed.code, { clause: annexed.clause });
  const granted = windowAt(rights, now);
  if (!granted) return refuse('outside_window');
  const versions = facts.acts.length === 0 ? [] : narrowedVersions(agreement, chain.agreementDigest, facts.acts);
  const lost = narrowedAway(chain, { ask, window: granted, facts, now }, versions);
  if (lost) return lost;
  const all = [agreement, ...versions.map((one) => one.agreement)];
  const left = timeLeft(chain, all, granted, facts, now);
  if (!left.allowed) return left;
  const signals = signalsOf(chain, ask, facts, now);
  if ('code' in signals) return refuse(signals.code, { clause: signals.clause });
  // Nobody is gone without a notice that says so.
  const gone = facts.annexes.length === 0 ? NOBODY : inInsolvency(agreement, facts, now).map((term) => term.party);
  const verdict = facts.activated ? undefined : verdictFault(chain, all, { ...facts, gone, safety }, now);
  return verdict ? refuse(verdict.code, { clause: verdict.clause }) : allow({ window: left.value, ...signals });
}

/** Whether a party's root revoked everything, or a party signed more that takes away than is held here. */
function partyFault(
  { parties }: Agreement,
  { revoked, beyond = [] }: Circumstances,
): Decision<never, DecideRefusal> | undefined {
  const ended = parties.find(({ organisation }) => revoked?.has(organisation));
  if (ended) return refuse('organisation_revoked', { clause: ended.organisation });
  const [most] = beyond;
  return most ? refuse('beyond_bounds', { clause: most.organisation }) : undefined;
}

/** Whether a status list calls a right, the session, the key or the login of this use anything but valid. */
function statusFault(
  { subject, login, jkt, listed }: VerifiedChain,
  rights: readonly Approvable[],
  ask: Ask,
  facts: Circumstances,
): Decision<never, DecideRefusal> | undefined {
  const isInvalid = (id: string | null): boolean => id !== null && facts.invalid.has(id);
  const invalid = () => rights.some((right) => isInvalid(right.id)) || isInvalid(ask.session) || isInvalid(jkt);
  if (facts.invalid.size > 0 && invalid()) return refuse('status_invalid');
  const fault = listedFault((login ?? subject).organisation, listed, facts);
  return fault && refuse('status_invalid', { clause: `login ${fault}` });
}

function takenBy({ act: { verb, target }, digest }: HeldAct): Decision<never, DecideRefusal> {
  if (target.kind === 'key' && target.ended) return refuse('signature_unproven', { clause: target.id });
  return refuse('taken_away', { clause: verb, detail: digest });
}

interface Situation {
  readonly ask: Ask;
  readonly window: Interval;
  readonly facts: Circumstances;
  readonly now: Instant;
}

/** Whether what one side left of the agreement does not allow this use, or stands on a paper that is missing. */
function narrowedAway(
  chain: VerifiedChain,
  { ask, window, facts, now }: Situation,
  versions: readonly NarrowedVersion[],
): Decision<never, DecideRefusal> | undefined {
  const tooOften = chain.agreement.parties.some((one) => narrowingsOf(versions, one.organisation) > MOST_NARROWINGS);
  if (tooOften) return refuse('narrowed', { clause: `more than ${MOST_NARROWINGS}` });
  const part = { resources: [ask.resource], actions: [ask.action], windows: [window] };
  for (const { held, agreement } of versions) {
    const vouched = !chain.login || personOfLogin(agreement, chain.login, chain);
    const fault = vouched ? narrowedFault(chain, part, agreement) : { clause: 'identity-provider' };
    if (fault) return refuse('narrowed', { clause: fault.clause, detail: held.digest });
    const under = annexFault(chain, agreement, ask, facts, now);
    if (under) return refuse(under.code, { clause: under.clause });
  }
  return undefined;
}

/** What the plant's calendar and the agreed hours leave of a window. */
function timeLeft(
  { agreement, grant, owner }: VerifiedChain,
  versions: readonly Agreement[],
  granted: Interval,
  facts: Circumstances,
  now: Instant,
): Decision<Interval, 'plant_closed' | 'outside_hours'> {
  const open = openInCalendar(grant, owner, agreement, facts, granted, now);
  if (!open) return refuse('plant_closed', { clause: 'plant-calendar' });
  const window = hoursLeft(versions, grant.kind, open, now);
  return window ? allow(window) : refuse('outside_hours', { clause: `hours ${grant.kind}` });
}

/** What the agreed hours of every one of these versions leave of a window. */
const hoursLeft = (versions: readonly Agreement[], kind: GrantKind, window: Interval, now: Instant) =>
  versions.reduce<Interval | undefined>((open, version) => open && withinHours(version, kind, open, now), window);

type Rights = Pick<ChainFacts, 'grant' | 'delegations' | 'standingApproval'>;

/** The grant and every delegation under it, outermost first. */
export const rightsOf = ({ grant, delegations }: Rights): readonly Right[] =>
  delegations.length === 0 ? [grant] : [grant, ...delegations.map(({ document }) => document)];

/** Everything that bounds a use: the standing approval that its grant rests on, if any, and every right of the chain. */
export const boundsOf = (chain: Rights): readonly Approvable[] =>
  chain.standingApproval ? [chain.standingApproval.document, ...rightsOf(chain)] : rightsOf(chain);

/** The right that names who acts: the last delegation, or the grant itself. */
export const lastOf = (chain: Rights): Right => chain.delegations.at(-1)?.document ?? chain.grant;

/** The time that every right of a chain leaves open around `at`; undefined where one of them does not. */
export function windowAt(rights: readonly Pick<Right, 'windows'>[], at: Instant): Interval | undefined {
  let open: Interval | undefined;
  for (const right of rights) {
    const span = within(right.windows, at);
    if (!span) return undefined;
    open = open ? { from: Math.max(open.from, span.from), to: Math.min(open.to, span.to) } : span;
  }
  return open;
}

/** What the papers beside the agreement take away: the machine itself, a control that nothing assures, a party that is gone. */
function annexFault(
  chain: VerifiedChain,
  agreement: Agreement,
  { resource, action }: Ask,
  facts: Circumstances,
  now: Instant,
): { code: DecideRefusal; clause: string } | undefined {
  const { grant } = chain;
  if (facts.annexes.length === 0 && !asksForPapers(agreement)) return undefined;
  const machine = machineFault(agreement, resource, facts.annexes, now);
  if (machine) return { code: machine, clause: `machines ${resource.owner}/${resource.id}` };
  const record = isNamed(agreement, resource) ? undefined : newestRecord(facts.annexes, resource)?.annex;
  const services = record && selectedBy(agreement, record)?.services;
  if (services && !services.some((service) => actionWithin(action, service)))
    return { code: 'action_not_agreed', clause: `selector ${resource.owner} ${record.site} ${record.zone}` };
  const gone = inInsolvency(agreement, facts, now).find(
    (term) => !keptInInsolvency(term, rightsOf(chain), chain.owner, agreement),
  );
  if (gone) return { code: 'party_insolvent', clause: `insolvency ${gone.party}` };
  const lapsed = lapsedControl(agreement, grant.kind, resource, facts, now);
  return lapsed && { code: 'equivalence_lapsed', clause: `equivalence ${lapsed.party} ${lapsed.control}` };
}

/** Whether every right of the chain covers what is asked, and the last one who asks. */
function inScope(chain: VerifiedChain, rights: readonly Approvable[], ask: Ask): boolean {
  return (
    rights.every((right) => right.actions.some((granted) => actionWithin(ask.action, granted))) &&
    rights.every((right) => right.resources.some((resource) => sameResource(resource, ask.resource))) &&
    lastOf(chain).subjects.some((subject) => sameSubject(subject, ask.subject))
  );
}

const NO_SIGNALS: HeardSignals = { held: [], liveOnly: false };

/** Whether the required signals hold, and until when this stands without any news. */
function signalsOf(
  { agreement, grant, subject }: VerifiedChain,
  { resource }: Ask,
  { acts, signals: heard = NO_SIGNALS }: Circumstances,
  now: Instant,
): { readonly freshUntil: Instant } | { readonly code: SignalRefusal; readonly clause: string } {
  const ends = cutShortAt(agreement, acts, now);
  if (signalTerms(agreement).length === 0 || heard === 'at-the-gateway') return { freshUntil: ends };
  const use = { kind: grant.kind, resource, subject };
  return (
    signalFault(agreement, use, heard, now) ?? { freshUntil: Math.min(ends, signalsFreshUntil(agreement, use, heard)) }
  );
}

const NOBODY: readonly OrganisationId[] = [];

/** What safety rests on, of this owner and with this notice; undefined for every other use. */
function safetyOf({ agreement, grant, owner }: VerifiedChain, { resource }: Ask): SafetyUse | undefined {
  const notice = safetyNotice(agreement, grant.kind, resource);
  return notice === undefined ? undefined : { owner, notice };
}
