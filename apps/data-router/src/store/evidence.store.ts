import type { Ids } from '@interlock/chassis';
import { appendEvidence, type Tx } from '@interlock/chassis/db';
import { evidenceOf, type SaidEvidence } from '@interlock/domain';

/** Writes what happened into the log of the agreement, in the transaction in which it happened. */
export async function record(tx: Tx, ids: Ids, said: SaidEvidence): Promise<void> {
  await appendEvidence(tx, evidenceOf('broker/data-router', ids.next('evd'), said));
}
