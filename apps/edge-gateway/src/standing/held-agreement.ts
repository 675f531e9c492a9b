import type { ChainDocuments, Standing } from '@interlock/contracts';
import {
  type Act,
  type Agreement,
  allow,
  type Circumstances,
  type Decision,
  type Digest,
  type HeldAct,
  type HeldVerdict,
  type Instant,
  inInsolvency,
  insolvencyTerms,
  invalidIn,
  type Lease,
  type LocalId,
  listedName,
  NO_LEASE,
  type OrganisationId,
  refuse,
  type Signed,
  signalName,
  termsOfType,
  type Verdict,
} from '@interlock/domain';
import {
  digestOf,
  isNarrowing,
  type KeyRing,
  type Pins,
  proofsFor,
  thumbprintOf,
  trust,
  verifyAct,
  verifyAgreement,
  verifyStatusList,
  verifyVerdict,
  withoutRevoked,
} from '@interlock/proof';
import type { Provisioned } from '../provisioning.js';
import { type Heard, heardSoFar, type Remembered } from './heard-so-far.js';
import { papersOf, takeAnnex } from './take-annex.js';
import { takeSignal } from './take-signal.js';

/** What the gateway holds of one agreement: all of it verified here, none of it on the broker's word. */
export interface HeldAgreement extends Heard {
  /** Whose gateway this is: what safety rests on here is of this company. */
  readonly self: OrganisationId;
  /** Which gateway this is: what an agreement requires of the one that serves, it requires of this. */
  readonly gateway: LocalId;
  readonly ring: KeyRing;
  readonly agreement: Agreement;
  readonly digest: Digest;
  /** What is counted from when this gateway first held it, and whose root revoked everything: the same for every agreement. */
  readonly remembered: Remembered;
  readonly flows: Standing['flows'];
  /** The chain of a grant that came with the standing, as it is verified again for every use. */
  readonly chainOf: (grant: Standing['flows'][number]) => ChainDocuments;
}

/** `liveOnly` for what goes on while the broker is lost: signals that are not required live then stay as they were. */
export const circumstancesOf = (held: HeldAgreement, liveOnly = false): Circumstances => ({
  acts: [...held.acts.values()],
  verdicts: [...held.verdicts.values()],
  annexes: papersOf(held),
  invalid: held.invalid,
  invalidSince: held.invalidSince,
  statuses: held.statuses,
  revoked: held.remembered.revoked,
  revokedSince: held.remembered.revokedSince,
  beyond: [...held.room.beyond.values()],
  signals: { held: [...held.signals.values()], liveOnly, gateway: held.gateway },
});

/** The keys that count now. Narrowing acts are verified under all of them: what a key took away before it was revoked stays taken. */
export const ringOf = (held: HeldAgreement): KeyRing => withoutRevoked(held.ring, held.acts.values());

/**
 * The lease of every party; a side that never beat since this start has none. A party that is insolvent as the agreement foresaw does not
 * beat any more, and what the agreement keeps for that case does not wait for it.
 */
export function leasesOf(held: HeldAgreement, now: Instant): readonly Lease[] {
  const gone = goneFrom(held, now);
  return held.agreement.parties
    .filter((party) => !gone.includes(party.organisation))
    .map((party) => held.leases.get(party.organisation) ?? NO_LEASE);
}

/** Parties that are insolvent as the agreement foresaw. */
export function goneFrom(held: HeldAgreement, now: Instant): readonly OrganisationId[] {
  // Asked for every live use at every look: where no agreement speaks of insolvency, nothing is gathered.
  if (insolvencyTerms(held.agreement).length === 0) return NOBODY;
  return inInsolvency(held.agreement, circumstancesOf(held), now).map((term) => term.party);
}

const NOBODY: readonly OrganisationId[] = [];

export type HoldRefusal = 'not_a_party' | 'older_than_held' | (string & {});

/** The chain of a grant by what stands in its agreement, with the proofs that speak of its signatures. */
const chainFrom =
  ({ entities, certificates, agreement, proofs }: Standing): HeldAgreement['chainOf'] =>
  (grant) => ({
    ...{ entities, certificates, agreement, grant },
    ...(proofs && { proofs: proofsFor(proofs, [...agreement.signatures, ...grant.signatures]) }),
  });

/**
 * Takes in everything the broker says stands in one agreement. What is already held is never given up for something older: a
 * replayed agreement version, entity document or status list is refused, and acts only ever add up.
 */
export async function hold(
  standing: Standing,
  before: HeldAgreement | undefined,
  { pins, organisation: self, gateway }: Pick<Provisioned, 'pins' | 'organisation' | 'gateway'>,
  now: number,
  remembered: Remembered,
): Promise<Decision<HeldAgreement, HoldRefusal>> {
  const ring = await trust(standing.entities, standing.certificates, pins, now);
  if (!ring.allowed) return ring;
  const agreement = await verifyAgreement(standing.agreement, ring.value, pins, now);
  if (!agreement.allowed) return agreement;
  const { document, digest } = agreement.value;
  if (document.id !== standing.agreementId || !document.parties.some((party) => party.organisation === self))
    return refuse('not_a_party');
  if (before && olderThan(before, ring.value, document, digest)) return refuse('older_than_held');
  const held: HeldAgreement = {
    ...{ self, gateway },
    ring: ring.value,
    agreement: document,
    digest,
    ...heardSoFar(before, { ...remembered, self, agreement: document }),
    remembered,
    flows: standing.flows,
    chainOf: chainFrom(standing),
  };
  if (!before) recall(held, now);
  for (const act of standing.acts) await takeAct(held, act, now);
  for (const list of standing.statusLists) await takeStatusList(held, list, now);
  for (const annex of standing.annexes) await takeAnnex(held, annex, ringOf(held), now);
  for (const verdict of standing.verdicts) await takeVerdict(held, verdict, now);
  for (const signal of standing.signals ?? []) await takeSignal(held, signal, now);
  return allow(held);
}

/** What was said since the standing that is taken up: it is on the disk beside it. */
function recall(held: HeldAgreement, now: number): void {
  const { invalid, verdicts, epochs, noes } = held.remembered.words.of(held.agreement.id);
  for (const { id, organisation } of invalid) {
    held.room.take(organisation, 'invalidIds');
    held.invalid.add(id);
    if (reliedOn(held)) keepSince(held, organisation, id, now);
  }
  for (const verdict of verdicts) {
    held.room.take(verdict.organisation, 'verdicts');
    held.verdicts.set(slotOf(verdict), verdict);
  }
  for (const one of epochs) held.epochs.set(one.organisation, one.epoch);
  for (const no of noes) {
    held.room.take(no.organisation, 'signals');
    held.signals.set(signalName(no), no);
  }
}
const slotOf = ({ kind, organisation, grant }: Verdict): string => `${kind} ${organisation} ${grant}`;

function olderThan(before: HeldAgreement, ring: KeyRing, agreement: Agreement, digest: Digest): boolean {
  if (agreement.version < before.agreement.version) return true;
  if (agreement.version === before.agreement.version && digest !== before.digest) return true;
  return [...before.ring.entities.values()].some((known) => {
    const offered = ring.entities.get(known.document.organisation);
    if (!offered || offered.document.sequence < known.document.sequence) return true;
    // Whoever has a root that was followed since offers a line of its own.
    if (!offered.roots.has(thumbprintOf(known.document.root))) return true;
    // Two documents of one number: the one that was held first stays until its organisation explains.
    return offered.document.sequence === known.document.sequence && offered.digest !== known.digest;
  });
}

/** What an act's signature hangs on. */
export interface ActChain {
  readonly entities: Standing['entities'];
  readonly certificates: Standing['certificates'];
}

/**
 * A narrowing act that brings its own chain to this gateway's pins: the broker chooses which certificates come with a standing, and must not
 * choose so whose hand can reach this gateway. Nothing but narrowing is taken this way.
 */
export async function takeHandedAct(
  held: HeldAgreement,
  input: Signed<Act>,
  chain: ActChain,
  pins: Pins,
  now: number,
): Promise<Decision<{ act: HeldAct; isNew: boolean }>> {
  if (!isNarrowing(input.document.verb)) return refuse('unknown_key', { clause: 'act' });
  const ring = await trust(chain.entities, chain.certificates, pins, now);
  return ring.allowed ? takeAct(held, input, now, ring.value) : ring;
}

/** Verifies and keeps one act; returns it when it is new. */
export async function takeAct(
  held: HeldAgreement,
  input: Signed<Act>,
  now: number,
  ring: KeyRing = held.ring,
): Promise<Decision<{ act: HeldAct; isNew: boolean }>> {
  const verified = await verifyAct(input, ring, held.agreement, now);
  if (!verified.allowed) return verified;
  const { digest } = verified.value;
  const had = held.acts.get(digest);
  if (had) return allow({ act: had, isNew: false });
  const { organisation } = input.document;
  if (!held.room.fits(organisation, 'actBytes', JSON.stringify(input).length, now))
    return refuse('beyond_bounds', { clause: organisation });
  // A cut of the own company does not wait for this line on the disk.
  const waits = organisation !== held.self && reliedOn(held);
  const act = waits ? { ...verified.value, heldSince: held.remembered.firstHeld(digest, now) } : verified.value;
  held.acts.set(digest, act);
  return allow({ act, isNew: true });
}

/** Whether safety rests on the agreement: then the cuts of the other side are counted from when they came. */
const reliedOn = ({ agreement }: HeldAgreement): boolean => termsOfType(agreement, 'safety-notice').length > 0;

export async function takeVerdict(held: HeldAgreement, input: unknown, now: number): Promise<Decision<Verdict>> {
  const verified = await verifyVerdict(input, ringOf(held), now);
  if (!verified.allowed) return verified;
  const verdict = verified.value;
  const newest = held.verdicts.get(slotOf(verdict));
  // A verdict that is not held is a no. One that is held stays, and is renewed.
  if (!newest && !hasSlot(held, verdict)) return refuse('rate_limited', { clause: 'verdict' });
  // Of two of one instant the narrower counts, in whatever order the broker plays them.
  const narrower = newest?.issuedAt === verdict.issuedAt && verdict.outcome === 'blocked';
  if (newest && newest.issuedAt >= verdict.issuedAt && !narrower) return verified;
  const kept = withSince(held, verdict, newest, now);
  held.verdicts.set(slotOf(verdict), kept);
  held.remembered.words.verdict(held.agreement.id, kept);
  return verified;
}

/** A slot over a flow is there whatever else its company says: else it could make this gateway forget, over a restart, the yes that safety rests on. */
const hasSlot = ({ room, flows }: HeldAgreement, { organisation, grant }: Verdict): boolean =>
  room.take(organisation, 'verdicts') || flows.some(({ document }) => digestOf(document) === grant);

/** Since when a party says no, however often it repeats it. */
function withSince(held: HeldAgreement, verdict: Verdict, before: HeldVerdict | undefined, now: number): HeldVerdict {
  if (verdict.outcome !== 'blocked' || !reliedOn(held)) return verdict;
  // Who says yes and no in turn has a line on the disk for each no, up to a bound; a later one is counted anew after a restart.
  const first = () =>
    held.room.take(verdict.organisation, 'noes') ? held.remembered.firstHeld(digestOf(verdict), now) : now;
  return { ...verdict, blockedSince: before?.blockedSince ?? first() };
}

/** Verifies and keeps the revoked of one party. What it once called invalid stays so. */
export async function takeStatusList(
  held: HeldAgreement,
  input: Standing['statusLists'][number],
  now: number,
): Promise<Decision<unknown>> {
  const { organisation, agreementId } = input.document;
  if (agreementId !== held.agreement.id) return refuse('not_a_party');
  const verified = await verifyStatusList(input, ringOf(held), organisation, now);
  if (!verified.allowed) return verified;
  const { list, digest, logins } = verified.value;
  const newest = held.statusLists.get(organisation);
  const listed = logins && newest?.digest !== digest ? invalidIn(logins) : [];
  for (const id of [...list.invalid, ...listed.map((idx) => listedName(organisation, idx))]) {
    if (!held.invalid.has(id) && !held.room.fits(organisation, 'invalidIds', 1, now)) continue;
    held.invalid.add(id);
    held.remembered.words.invalid(agreementId, organisation, id);
    if (reliedOn(held)) keepSince(held, organisation, id, now);
  }
  const { sequence, issuedAt } = list;
  if (newest && (newest.sequence > sequence || (newest.sequence === sequence && newest.issuedAt > issuedAt)))
    return verified;
  held.statusLists.set(organisation, { digest, sequence, issuedAt });
  if (logins) held.statuses.set(organisation, logins);
  else held.statuses.delete(organisation);
  return verified;
}

function keepSince(held: HeldAgreement, organisation: OrganisationId, id: string, now: number): void {
  const said = held.invalidSince.get(id) ?? [];
  if (said.some((one) => one.organisation === organisation)) return;
  const since = held.remembered.firstHeld(digestOf({ organisation, invalid: id }), now);
  held.invalidSince.set(id, [...said, { organisation, since }]);
}
