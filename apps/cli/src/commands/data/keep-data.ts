import { erasedIn, type KeepingJournal, type KeptBatch, type KeptBatches, type Objects } from '@interlock/client';
import {
  type Digest,
  type ErasureCause,
  erasureDue,
  type HeldAct,
  type Instant,
  type OrganisationId,
  onWhole,
} from '@interlock/domain';
import { verifyAct } from '@interlock/proof';
import type { VerifiedAgreement } from '../agreement/verified-agreement.js';

/** A folder of received data, and what was handed on from it. */
export interface DataStore {
  readonly kept: KeptBatches;
  readonly journal: KeepingJournal;
  readonly objects?: Pick<Objects, 'erase'> | undefined;
}

/**
 * Erases what may be kept no longer, by the agreement as it was verified; nothing of it while somebody holds it. Returns how many batches went. What goes is written
 * down before it goes.
 */
export async function eraseDue(
  { kept, journal, objects }: DataStore,
  agreed: VerifiedAgreement,
  keeper: OrganisationId,
  now: Instant,
): Promise<number> {
  if (journal.hold) return 0;
  const acts = await endsOf(agreed, journal, now);
  const cause = (one: KeptBatch) => erasureDue(agreed.agreement, acts, one, keeper, now);
  const note = (going: readonly KeptBatch[]) => {
    for (const [why, batches] of byCause(going, cause)) journal.erased(why, batches, now);
  };
  const erased = kept.erase((one) => cause(one) !== undefined, note);
  // After a crash between the two the journal still says what has to be in no object.
  const gone = new Set<string>(erasedIn(journal.lines()));
  objects?.erase((batches) => batches.some((batch) => gone.has(batch)));
  return erased.length;
}

function byCause(
  going: readonly KeptBatch[],
  causeOf: (one: KeptBatch) => ErasureCause | undefined,
): ReadonlyMap<ErasureCause, readonly Digest[]> {
  const found = new Map<ErasureCause, Digest[]>();
  for (const one of going) {
    const cause = causeOf(one);
    if (cause) found.set(cause, [...(found.get(cause) ?? []), one.batch]);
  }
  return found;
}

/** The acts by which the agreement may have ended: the broker brings them, and each is verified here and counts from its coming. */
async function endsOf({ acts, ring, agreement }: VerifiedAgreement, journal: KeepingJournal, now: Instant) {
  const verified: HeldAct[] = [];
  for (const act of acts) {
    const one = await verifyAct(act, ring, agreement, now);
    if (!one.allowed || onWhole(agreement, [one.value]).length === 0) continue;
    verified.push({ ...one.value, heldSince: journal.knownSince(one.value.digest, now) });
  }
  return verified;
}
