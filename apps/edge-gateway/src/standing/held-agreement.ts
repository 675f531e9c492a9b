import type { ChainDocuments, Standing } from '@interlock/contracts';
import {
  type Act,
  type Agreement,
  afterBeat,
  allow,
  believable,
  type Circumstances,
  type Decision,
  type Digest,
  type HeldAct,
  type HeldVerdict,
  type Instant,
  inInsolvency,
  insolvencyTerms,
  type Lease,
  type LocalId,
  type Monotonic,
  NO_LEASE,
  type OrganisationId,
  refuse,
  type Signed,
  skewMilliseconds,
  termsOfType,
  type Verdict,
} from '@interlock/domain';
import {
  digestOf,
  digestOfActs,
  isNarrowing,
  type KeyRing,
  type Pins,
  thumbprintOf,
  trust,
  verifyAct,
  verifyAgreement,
  verifyBeat,
  verifyStatusList,
  verifyVerdict,
  withoutRevoked,
} from '@interlock/proof';
import { type Heard, heardSoFar, type Remembered } from './heard-so-far.js';
import { papersOf, takeAnnex } from './take-annex.js';

/** What the gateway holds of one agreement: all of it verified here, none of it on the broker's word. */
export interface HeldAgreement extends Heard {
  /** Whose gateway this is: what safety rests on here is of this company. */
  readonly self: OrganisationId;
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
  revoked: held.remembered.revoked,
  revokedSince: held.remembered.revokedSince,
  signals: { held: [...held.signals.values()], liveOnly },
});

/** The keys that count now. Narrowing acts are verified under all of them: what a key took away before it was revoked stays taken. */
const ringOf = (held: HeldAgreement): KeyRing => withoutRevoked(held.ring, held.acts.values());

/**
 * The lease of every party; a side that never beat since this start has none. A party that is insolvent as the agreement foresaw does not
 * beat any more, and what the agreement keeps for that case does not wait for it.
 */
export function leasesOf(held: HeldAgreement, now: Instant): readonly Lease[] {
  // Asked for every live use at every look: where no agreement speaks of insolvency, nothing is gathered.
  const foreseen = insolvencyTerms(held.agreement).length > 0;
  const gone = foreseen ? inInsolvency(held.agreement, circumstancesOf(held), now).map((term) => term.party) : [];
  return held.agreement.parties
    .filter((party) => !gone.includes(party.organisation))
    .map((party) => held.leases.get(party.organisation) ?? NO_LEASE);
}

export type HoldRefusal = 'not_a_party' | 'older_than_held' | (string & {});

/**
 * Takes in everything the broker says stands in one agreement. What is already held is never given up for something older: a
 * replayed agreement version, entity document or status list is refused, and acts only ever add up.
 */
export async function hold(
  standing: Standing,
  before: HeldAgreement | undefined,
  pins: Pins,
  self: OrganisationId,
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
    self,
    ring: ring.value,
    agreement: document,
    digest,
    ...heardSoFar(before),
    remembered,
    flows: standing.flows,
    chainOf: (grant) => ({
      entities: standing.entities,
      certificates: standing.certificates,
      agreement: standing.agreement,
      grant,
    }),
  };
  if (!before) recall(held, now);
  for (const act of standing.acts) await takeAct(held, act, now);
  for (const list of standing.statusLists) await takeStatusList(held, list, now);
  for (const annex of standing.annexes) await takeAnnex(held, annex, ringOf(held), now);
  for (const verdict of standing.verdicts) await takeVerdict(held, verdict, now);
  return allow(held);
}

/** What was said since the standing that is taken up: it is on the disk beside it. */
function recall(held: HeldAgreement, now: number): void {
  const { invalid, verdicts, epochs } = held.remembered.words.of(held.agreement.id);
  for (const { id, organisation } of invalid) {
    held.invalid.add(id);
    if (reliedOn(held)) keepSince(held, organisation, id, now);
  }
  for (const verdict of verdicts) held.verdicts.set(slotOf(verdict), verdict);
  for (const one of epochs) held.epochs.set(one.organisation, one.epoch);
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
  // Of two of one instant the narrower counts, in whatever order the broker plays them.
  const narrower = newest?.issuedAt === verdict.issuedAt && verdict.outcome === 'blocked';
  if (newest && newest.issuedAt >= verdict.issuedAt && !narrower) return verified;
  const kept = withSince(held, verdict, newest, now);
  held.verdicts.set(slotOf(verdict), kept);
  held.remembered.words.verdict(held.agreement.id, kept);
  return verified;
}

/** Since when a party says no, however often it repeats it. */
function withSince(held: HeldAgreement, verdict: Verdict, before: HeldVerdict | undefined, now: number): HeldVerdict {
  if (verdict.outcome !== 'blocked' || !reliedOn(held)) return verdict;
  return { ...verdict, blockedSince: before?.blockedSince ?? held.remembered.firstHeld(digestOf(verdict), now) };
}

async function takeStatusList(
  held: HeldAgreement,
  input: Standing['statusLists'][number],
  now: number,
): Promise<Decision<unknown>> {
  const { organisation, agreementId } = input.document;
  if (agreementId !== held.agreement.id) return refuse('not_a_party');
  const verified = await verifyStatusList(input, ringOf(held), organisation, now);
  if (!verified.allowed) return verified;
  const { list, digest } = verified.value;
  for (const id of list.invalid) {
    held.invalid.add(id);
    held.remembered.words.invalid(agreementId, organisation, id);
    if (reliedOn(held)) keepSince(held, organisation, id, now);
  }
  const newest = held.statusLists.get(organisation);
  if (!newest || newest.sequence <= list.sequence)
    held.statusLists.set(organisation, { digest, sequence: list.sequence });
  return verified;
}

function keepSince(held: HeldAgreement, organisation: OrganisationId, id: string, now: number): void {
  const said = held.invalidSince.get(id) ?? [];
  if (said.some((one) => one.organisation === organisation)) return;
  const since = held.remembered.firstHeld(digestOf({ organisation, invalid: id }), now);
  held.invalidSince.set(id, [...said, { organisation, since }]);
}

export interface BeatContext {
  readonly receiver: { readonly organisation: OrganisationId; readonly id: LocalId };
  readonly nonceSentAt: Monotonic | undefined;
  readonly arrivedAt: Monotonic;
  readonly now: number;
}

/** A beat, with the status list it names. It moves the lease only where this gateway holds exactly what the beat names. */
export async function takeBeat(
  held: HeldAgreement,
  input: { beat: Parameters<typeof verifyBeat>[0]; statusList: Standing['statusLists'][number] },
  context: BeatContext,
): Promise<Decision<OrganisationId>> {
  const list = await takeStatusList(held, input.statusList, context.now);
  if (!list.allowed) return list;
  const from = input.statusList.document.organisation;
  const entity = held.ring.entities.get(from);
  const status = held.statusLists.get(from);
  if (!entity || !status) return refuse('not_a_party');
  const own = [...held.acts.values()].filter(({ act }) => act.organisation === from).map(({ digest }) => digest);
  const holding = { agreement: held.digest, entity: entity.digest, acts: digestOfActs(own), status: status.digest };
  const beat = await verifyBeat(input.beat, ringOf(held), context.receiver, holding, context.now);
  if (!beat.allowed) return beat;
  if (beat.value.organisation !== from || beat.value.agreementId !== held.agreement.id) return refuse('not_a_party');
  if (!believable(beat.value.issuedAt, context.now, skewMilliseconds(held.agreement)))
    return refuse('from_the_future', { clause: 'clock-skew' });
  if (beat.value.epoch < (held.epochs.get(from) ?? 0)) return refuse('epoch_over', { clause: 'beat' });
  held.epochs.set(from, beat.value.epoch);
  held.remembered.words.epoch(held.agreement.id, from, beat.value.epoch);
  const arrival = { nonceSentAt: context.nonceSentAt, issuedAt: beat.value.issuedAt, arrivedAt: context.arrivedAt };
  held.leases.set(from, afterBeat(held.leases.get(from) ?? NO_LEASE, arrival));
  return allow(from);
}
