import {
  type Agreement,
  type Ask,
  actsInEffect,
  allow,
  type DataTerm,
  type Decision,
  dataTerm,
  deadline,
  decide,
  endOf,
  type Grant,
  type HeldAct,
  type Instant,
  type LiveUse,
  type Monotonic,
  mayInspect,
  mayOpenFrom,
  narrowedVersions,
  narrowestReading,
  offlineMode,
  type ResourceRef,
  refuse,
  type Signed,
  type SubjectRef,
  safetyNotice,
  same,
  silentWitness,
  type VerifiedChain,
  withoutUnprotected,
} from '@interlock/domain';
import { type KeyRing, type KnownKey, verifyChain, withoutRevoked } from '@interlock/proof';
import type { CosignWatch } from '../evidence/cosign-watch.js';
import type { GatewayClock } from '../gateway-clock.js';
import type { Provisioned } from '../provisioning.js';
import type { WorkingTime } from '../session/working-time.js';
import { chainOf } from '../standing/chain-taken-up.js';
import { circumstancesOf, goneFrom, type HeldAgreement, leasesOf } from '../standing/held-agreement.js';

/** A right to collect data that holds now: what was verified, and the ends that were fixed when it was. */
export interface JudgedFlow {
  readonly chain: VerifiedChain & { readonly ring: KeyRing };
  readonly ask: Ask;
  readonly use: LiveUse;
  /** The agreement as the narrowings of either side leave it, and its term that this data leaves by. */
  readonly reading: Agreement;
  readonly term: DataTerm;
  readonly judgedAt: { readonly now: Instant; readonly monotonic: Monotonic };
}

export interface FlowJudge {
  readonly self: Provisioned;
  readonly clock: GatewayClock;
  readonly lockout: { isSet(): boolean };
  /** Whether the broker can be reached; flows whose agreement says `closed` end when it cannot. */
  readonly online: () => boolean;
  /** Whether a flow was opened before in the window of its grant: where safety rests on it, it is taken up again from the disk. */
  readonly working: WorkingTime;
  readonly watch: Pick<CosignWatch, 'waiting'>;
}

/** Follows the whole chain of a data-collection grant to this gateway's own pins, as it is done for a session. */
export async function judgeFlow(
  by: FlowJudge,
  held: HeldAgreement,
  grant: Signed<Grant>,
): Promise<Decision<JudgedFlow>> {
  const { self, clock, lockout } = by;
  const { subjects, resources, actions } = grant.document;
  const [[subject], [resource], [action]] = [subjects, resources, actions];
  if (lockout.isSet()) return refuse('lockout');
  if (!subject || !resource || !action) return refuse('malformed', { clause: 'grant' });
  const [now, monotonic] = [clock.now(), clock.monotonic()];
  const resumed = reliedOn(held, resource) && by.working.begunAt(grant.document, now) !== undefined;
  const acts = resumed ? actsNow(held, resource, now) : [...held.acts.values()];
  const openKey = openingKey(held, acts, subject, now);
  if (!openKey) return refuse('subject_unknown', { clause: 'open' });
  if (grant.document.kind !== 'data-collection') return refuse('kind_not_agreed', { clause: grant.document.kind });
  const chain = await verifyChain(chainOf(held, grant, resumed), self.pins, self, { leaf: openKey.kid, subject }, now);
  if (!chain.allowed) return chain;
  const ask: Ask = { subject, leaf: openKey.kid, action, resource, session: null };
  const decision = decide(chain.value, ask, { ...circumstancesOf(held), resumed }, now);
  if (!decision.allowed) return decision;
  const reading = readingNow(held, acts, now);
  const term = dataTerm(reading, action, resource);
  if (!term) return refuse('narrowed', { clause: 'data-collection' });
  const may = mayBegin(by, held, { reading, term, ring: chain.value.ring, now });
  if (!may.allowed) return may;
  const use: LiveUse = {
    agreement: chain.value.agreement,
    grant: chain.value.grant,
    resource,
    windowEnd: deadline(decision.value.window.to, now, monotonic),
    agreementEnd: deadline(chain.value.agreement.endsAt, now, monotonic),
    resumed,
  };
  const end = endOf(use, leasesOf(held, now));
  if (end.at <= clock.monotonic()) return refuse(end.code);
  // It was opened when the time was known, and its window has not ended since: a clock set forward gains nothing.
  return clock.runsAhead() && !resumed
    ? refuse('clock_ahead')
    : allow({ chain: chain.value, ask, use, reading, term, judgedAt: { now, monotonic } });
}

/** What may leave at all: the agreement as the narrowings that stand leave it, without the trade secrets that nothing protects where they would go. */
function readingNow({ agreement, digest, annexes }: HeldAgreement, acts: readonly HeldAct[], now: Instant): Agreement {
  const narrowed = narrowedVersions(agreement, digest, acts);
  const said = [agreement, ...narrowed.map((one) => one.agreement)];
  return withoutUnprotected(narrowestReading(agreement, narrowed), said, { annexes: [...annexes.values()], acts }, now);
}

const reliedOn = ({ agreement }: HeldAgreement, resource: ResourceRef): boolean =>
  safetyNotice(agreement, 'data-collection', resource) !== undefined;

/** The acts that take effect on a flow that goes on, or is taken up again. */
function actsNow({ agreement, acts }: HeldAgreement, resource: ResourceRef, now: Instant): readonly HeldAct[] {
  const notice = safetyNotice(agreement, 'data-collection', resource);
  const all = [...acts.values()];
  return notice === undefined ? all : actsInEffect(all, { owner: resource.owner, notice }, now);
}

interface Beginning {
  readonly reading: Agreement;
  readonly term: DataTerm;
  readonly ring: KeyRing;
  readonly now: Instant;
}

/** Whether it is read in plain text, and opened, where both signed that it is, and no witness has been silent for too long. */
function mayBegin(by: FlowJudge, held: HeldAgreement, { reading, term, ring, now }: Beginning): Decision<true> {
  const inspected = mayInspect(term, by.self.purposes);
  if (!inspected.allowed) return inspected;
  if (opensElsewhere(reading, term, ring)) return refuse('access_place_not_agreed', { clause: 'transfer' });
  // What safety rests on opens by the disk alone (trust model, section 6).
  if (reliedOn(held, term.resource)) return allow(true);
  const { agreement } = held;
  const silent = silentWitness(agreement, by.watch.waiting(agreement.id), goneFrom(held, now));
  return silent ? refuse('witness_silent', { clause: silent }) : allow(true);
}

/** Whether a recipient, of the country that its own entity document says, would open data where that was not agreed. */
const opensElsewhere = (reading: Agreement, term: DataTerm, { entities }: KeyRing): boolean =>
  term.recipients.some((one) => !mayOpenFrom(reading, term, one, entities.get(one)?.document.jurisdiction));

/** The newest key under which this workload opens data now; a revoked one never. */
function openingKey(
  held: HeldAgreement,
  acts: readonly HeldAct[],
  { organisation, id }: SubjectRef,
  now: Instant,
): KnownKey | undefined {
  return withoutRevoked(held.ring, acts)
    .held(organisation, 'workload', id)
    .filter((key) => key.purposes.includes('open') && key.notBefore <= now && now < key.notAfter)
    .sort((a, b) => b.notBefore - a.notBefore)[0];
}

/** Whether a judged flow may go on, and until when. Asked at every change, and before every batch that is sealed. */
export function flowStillAllowed(
  by: FlowJudge,
  { chain, ask, use, reading, judgedAt }: JudgedFlow,
  held: HeldAgreement | undefined,
): Decision<{ until: Monotonic }> {
  if (by.lockout.isSet()) return refuse('lockout');
  if (!held || held.digest !== chain.agreementDigest) return refuse('grant_of_other_agreement');
  if (!by.online() && offlineMode(use.agreement, use.grant, use.resource) === 'closed')
    return refuse('offline_closed', { clause: 'offline' });
  const monotonic = by.clock.monotonic();
  const now = judgedAt.now + (monotonic - judgedAt.monotonic);
  const acts = actsNow(held, ask.resource, now);
  // Sealing on for a key that is over, revoked or replaced makes batches nobody can open: the flow is judged anew. Where safety rests on it, no key that
  // merely grew old ends it.
  const lasting = use.resumed && reliedOn(held, ask.resource) ? chain.jkt : undefined;
  if ((openingKey(held, acts, ask.subject, by.clock.now())?.kid ?? lasting) !== chain.jkt)
    return refuse('subject_unknown', { clause: 'open' });
  const stop = endOf(use, leasesOf(held, now));
  if (stop.at <= monotonic) return refuse(stop.code);
  const facts = { ...circumstancesOf(held, !by.online()), resumed: use.resumed ?? false };
  const decision = decide(chain, ask, facts, now);
  if (!decision.allowed) return decision;
  // What was compiled from the clause is compiled anew from what is left of it.
  const left = readingNow(held, acts, now);
  if (left !== reading && !same(left.terms, reading.terms)) return refuse('narrowed', { clause: 'data-collection' });
  return allow({ until: Math.min(stop.at, deadline(decision.value.freshUntil, now, monotonic)) });
}
