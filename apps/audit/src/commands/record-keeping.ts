import type { Ids } from '@interlock/chassis';
import type { Tx } from '@interlock/chassis/db';
import { evidenceOf, type SaidEvidence } from '@interlock/domain';
import type { DueLog } from '../store/keeping.store.js';

/** Writes what was done with what a log tells of persons into that log, in the transaction in which it is done. */
export async function recordKeeping(
  tx: Tx,
  ids: Ids,
  log: Pick<DueLog, 'name'>,
  said: Omit<SaidEvidence, 'log' | 'outcome'>,
): Promise<void> {
  const whole = evidenceOf('broker/audit', ids.next('evd'), { log: log.name, outcome: 'change', ...said });
  await tx.query('select evidence.append($1::jsonb)', [JSON.stringify(whole)]);
}
