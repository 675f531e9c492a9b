import {
  type DropBox,
  erasedIn,
  type FileOrigin,
  type KeepingJournal,
  type KeptBatch,
  type KeptBatches,
  type Objects,
} from '@interlock/client';
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
  readonly files?: Pick<DropBox, 'erase'> | undefined;
}

/**
 * Erases what may be kept no longer, by the newest version that was ever verified here; nothing of it while somebody holds it, this company or another. Returns the batches that
 * went, and the files. Batches are written down before they go.
 *
 * @param heldBy who holds the log of the agreement: what is held for a dispute is held wherever it is
 */
export async function eraseDue(
  { kept, journal, objects, files }: DataStore,
  agreed: VerifiedAgreement,
  keeper: OrganisationId,
  now: Instant,
  heldBy: readonly OrganisationId[] = [],
): Promise<readonly Digest[]> {
  const { agreement, ends } = journal.newest(agreed.agreement, await endsOf(agreed, journal, now));
  if (journal.hold || heldBy.length > 0) return [];
  const cause = (one: KeptBatch | FileOrigin) => erasureDue(agreement, ends, one, keeper, now);
  const note = (going: readonly KeptBatch[]) => {
    for (const [why, batches] of byCause(going, cause)) journal.erased(why, batches, now);
  };
  const erased = kept.erase((one) => cause(one) !== undefined, note);
  // After a crash between the two the journal still says what has to be in no object.
  const gone = new Set<string>(erasedIn(journal.lines()));
  objects?.erase((batches) => batches.some((batch) => gone.has(batch)));
  const lost = files?.erase((one) => cause(one) !== undefined) ?? [];
  if (lost.length > 0) journal.erased('retention', lost, now);
  return [...erased, ...lost];
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
