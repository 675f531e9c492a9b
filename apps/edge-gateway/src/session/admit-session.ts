import type { GatewayFrame } from '@interlock/contracts';
import {
  type Ask,
  allow,
  type Circumstances,
  countedElsewhere,
  type Decision,
  type Digest,
  deadline,
  decide,
  endOf,
  type GrantId,
  type Instant,
  type LiveUse,
  type LocalId,
  lastOf,
  loginEnd,
  loginTooWeak,
  type Monotonic,
  type OrganisationId,
  offlineMode,
  parseThumbprint,
  type ResourceRef,
  refuse,
  safetyNotice,
  sameSubject,
  silentWitness,
  tooManySessions,
  type VerifiedChain,
  workingEnd,
} from '@interlock/domain';
import { digestOfToken, type FollowedChain, type KeyRing, verifyChain, verifyTicket } from '@interlock/proof';
import type { CosignWatch } from '../evidence/cosign-watch.js';
import type { GatewayClock } from '../gateway-clock.js';
import type { Provisioned } from '../provisioning.js';
import { circumstancesOf, goneFrom, type HeldAgreement, leasesOf } from '../standing/held-agreement.js';
import type { WorkingTime } from './working-time.js';

export type Offer = Extract<GatewayFrame, { t: 'offer' }>;

/** An offer that may become a session: what was verified, and the ends that were fixed when it was. */
export interface Admitted {
  readonly offer: Offer;
  readonly chain: FollowedChain;
  readonly ask: Ask;
  readonly use: LiveUse;
  readonly admittedAt: { readonly now: Instant; readonly monotonic: Monotonic };
  /** Who activated a dormant grant here, and why; undefined for every session that the broker offered. */
  readonly activatedBy?: { readonly approver: LocalId; readonly digest: Digest; readonly reason: string };
}

export interface Admission {
  readonly self: Provisioned;
  readonly clock: GatewayClock;
  readonly held: HeldAgreement | undefined;
  readonly ticketsSeen: Map<string, Instant>;
  readonly locked: boolean;
  readonly working: Pick<WorkingTime, 'begunAt'>;
  /** How many sessions of a grant are open here. */
  readonly openUnder: (grant: GrantId) => number;
  readonly watch: Pick<CosignWatch, 'waiting'>;
}

const mayDial = ({ document }: Provisioned, { relay }: Offer): boolean =>
  document.relays.some(({ host, port }) => host === relay.host && port === relay.port);

/**
 * Everything that must be true before the first byte, in the order of trust model section 6. The offer came from the broker and is believed
 * in nothing: the ticket can only deny, the chain is followed to this gateway's own pins, and the leases are this boot's.
 */
export async function admitSession(offer: Offer, at: Admission): Promise<Decision<Admitted>> {
  const { self, clock, held } = at;
  // Both in one instant: what verification takes, or a flood of offers makes it take, must not lengthen a window.
  const [now, monotonic] = [clock.now(), clock.monotonic()];
  if (at.locked) return refuse('lockout');
  const target = mayDial(self, offer);
  if (!target) return refuse('not_on_provisioning_list', { clause: 'relay' });
  const leaf = parseThumbprint(offer.leaf);
  if (!leaf) return refuse('malformed', { clause: 'leaf' });
  const proof = offer.loginProof === null ? { leaf, subject: offer.subject } : { loginProof: offer.loginProof };
  const chain = await verifyChain(offer.chain, self.pins, self, proof, now);
  if (!chain.allowed) return chain;
  const ticket = await ticketFault(offer, at, chain.value);
  if (!ticket.allowed) return ticket;
  if (!held) return refuse('lease_over', { clause: 'agreement not held' });
  // Data leaves minimised and sealed; a right to it is no right to the wire it comes from.
  if (chain.value.grant.kind === 'data-collection') return refuse('outside_grant', { clause: 'kind' });
  // The broker chooses which documents come with an offer; only those that the beats named count.
  if (!sameAsHeld(chain.value, held)) return refuse('not_what_is_held', { clause: 'agreement' });
  const { action, resource, session } = offer;
  const ask: Ask = { subject: chain.value.subject, leaf: chain.value.jkt, action, resource, session };
  const decision = decide(chain.value, ask, circumstancesOf(held), now);
  if (!decision.allowed) return decision;
  const { agreement, grant } = chain.value;
  const barred = weakLogin(chain.value) ?? oneMore(chain.value, resource, at, goneFrom(held, now));
  if (barred) return barred;
  const moment = { now, monotonic };
  const use: LiveUse = {
    agreement,
    grant,
    resource,
    windowEnd: deadline(decision.value.window.to, now, monotonic),
    agreementEnd: deadline(agreement.endsAt, now, monotonic),
    loginEnd: loginDeadline(chain.value, moment),
    workingEnd: workingDeadline(chain.value, at.working.begunAt(grant, now) ?? now, moment),
  };
  const end = endOf(use, leasesOf(held, now));
  if (end.at <= clock.monotonic()) return refuse(end.code);
  if (clock.runsAhead()) return refuse('clock_ahead');
  return allow({ offer, chain: chain.value, ask, use, admittedAt: moment });
}

/** Whether the person logged in in a way that the agreement does not take. */
const weakLogin = ({ agreement, acr }: FollowedChain): Decision<never> | undefined =>
  loginTooWeak(agreement, acr) ? refuse('login_too_weak', { clause: 're-login' }) : undefined;

/** What an offer says of who comes must be what its proof says: who believed one and used the other would let in somebody else. */
function mismatchOf({ subject, leaf }: Offer, chain: VerifiedChain): 'leaf' | 'subject' | undefined {
  if (leaf !== chain.jkt) return 'leaf';
  return sameSubject(subject, chain.subject) ? undefined : 'subject';
}

/** Why one more session may not open where those there are go on: there are enough, or a witness has been silent for too long. */
function oneMore(
  { agreement, grant, standingApproval }: VerifiedChain,
  resource: ResourceRef,
  at: Admission,
  gone: readonly OrganisationId[],
): Decision<never> | undefined {
  const counter = { id: at.self.gateway, key: at.self.signer.kid };
  // Looked at where the uses are counted, and nowhere else: what two disks count, each by itself, is no bound.
  if (countedElsewhere({ standingApproval }, counter))
    return refuse('counted_elsewhere', { clause: 'standing-approval' });
  if (tooManySessions(agreement, grant.kind, at.openUnder(grant.id)))
    return refuse('too_many_sessions', { clause: 'sessions' });
  // What safety rests on opens by the disk alone (trust model, section 6).
  if (safetyNotice(agreement, grant.kind, resource) !== undefined) return undefined;
  const silent = silentWitness(agreement, at.watch.waiting(agreement.id), gone);
  return silent ? refuse('witness_silent', { clause: silent }) : undefined;
}

/** The monotonic deadline of what rests on a login. */
function loginDeadline(
  { agreement, loggedInAt }: FollowedChain,
  { now, monotonic }: Admitted['admittedAt'],
): Monotonic | undefined {
  const end = loginEnd(agreement, loggedInAt);
  return end === undefined ? undefined : deadline(end, now, monotonic);
}

/** The monotonic deadline of work that began in this window, which may be before this admission. */
export function workingDeadline(
  { agreement, grant }: VerifiedChain,
  begunAt: Instant,
  { now, monotonic }: Admitted['admittedAt'],
): Monotonic | undefined {
  const end = workingEnd(agreement, grant.kind, begunAt);
  return end === undefined ? undefined : deadline(end, now, monotonic);
}

async function ticketFault(offer: Offer, at: Admission, chain: VerifiedChain): Promise<Decision<true>> {
  const mismatch = mismatchOf(offer, chain);
  if (mismatch) return refuse('not_the_holder', { clause: mismatch });
  const ticket = await verifyTicket(offer.ticket, at.self.document.broker.ticketKey, at.clock.now());
  if (!ticket.allowed) return ticket;
  const { value } = ticket;
  const proof = offer.loginProof === null ? undefined : digestOfToken(offer.loginProof);
  const fits =
    value.session === offer.session &&
    value.grant === lastOf(chain).id &&
    value.jkt === chain.jkt &&
    value.gateway.organisation === at.self.organisation &&
    value.gateway.id === at.self.gateway &&
    (proof === undefined || value.proof === proof);
  if (!fits) return refuse('no_ticket');
  for (const [jti, expiry] of at.ticketsSeen) if (expiry <= at.clock.now()) at.ticketsSeen.delete(jti);
  // The rendezvous tells a relay's streams of one session from another's, so it is used once like the ticket and the name.
  const once = [value.jti, value.session, offer.rendezvous];
  if (once.some((used) => at.ticketsSeen.has(used))) return refuse('ticket_used');
  for (const used of once) at.ticketsSeen.set(used, value.exp * 1000);
  return allow(true);
}

function sameAsHeld(chain: VerifiedChain & { readonly ring: KeyRing }, held: HeldAgreement): boolean {
  if (chain.agreementDigest !== held.digest) return false;
  return held.agreement.parties.every(({ organisation }) => {
    const theirs = chain.ring.entities.get(organisation);
    return theirs !== undefined && theirs.digest === held.ring.entities.get(organisation)?.digest;
  });
}

/**
 * Whether a live use may go on, and until when. Its time runs by the monotonic clock from its opening, so that nobody who
 * controls the network's time can stretch it or end it.
 */
export function stillAllowed(
  admitted: Admitted,
  held: HeldAgreement,
  clock: GatewayClock,
  online: boolean,
  facts: Circumstances = circumstancesOf(held, !online),
): Decision<{ until: Monotonic }> {
  const { agreement, grant, resource } = admitted.use;
  if (!admitted.use.activated && !online && offlineMode(agreement, grant, resource) === 'closed')
    return refuse('offline_closed', { clause: 'offline' });
  if (admitted.chain.agreementDigest !== held.digest) return refuse('grant_of_other_agreement');
  const monotonic = clock.monotonic();
  const now = admitted.admittedAt.now + (monotonic - admitted.admittedAt.monotonic);
  const end = endOf(admitted.use, leasesOf(held, now));
  if (end.at <= monotonic) return refuse(end.code);
  const { activated = false, resumed = false } = admitted.use;
  const known = activated || resumed ? { ...facts, activated, resumed } : facts;
  const decision = decide(admitted.chain, admitted.ask, known, now);
  if (!decision.allowed) return decision;
  const { freshUntil, window } = decision.value;
  return allow({ until: Math.min(end.at, ...[freshUntil, window.to].map((at) => deadline(at, now, monotonic))) });
}

/** The one address a service of a resource has: from the provisioning list, never from the remote side. */
export function targetOf(
  self: Provisioned,
  resource: LocalId,
  service: LocalId,
): Provisioned['document']['targets'][number] | undefined {
  return self.document.targets.find((target) => target.resource === resource && target.service === service);
}
