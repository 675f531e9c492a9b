import type { Ids } from '@interlock/chassis';
import { appendEvidence, type Tx } from '@interlock/chassis/db';
import { type EvidenceRecord, evidenceOf, type SaidEvidence } from '@interlock/domain';

export type Said = SaidEvidence;

/** Writes what happened into the log of the agreement, in the transaction in which it happened. */
export async function record(tx: Tx, ids: Ids, said: Said): Promise<void> {
  await appendEvidence(tx, wholeRecord(ids, said));
}

/** The record as it is written, with a name of its own. */
export const wholeRecord = (ids: Ids, said: Said): EvidenceRecord => evidenceOf('broker/grants', ids.next('evd'), said);
