import type { Log } from '@interlock/chassis';
import { EVERY_ORGANISATION, type Transactor } from '@interlock/chassis/db';
import { countParked } from '../store/appended.store.js';

/** How often a person is told again that something is parked. Milliseconds. */
export const ALARM_EVERY_MS = 60_000;

/** Says in the log, by reason, how many records are parked, until somebody has looked at them. */
export async function alarmForParked(transactor: Transactor, log: Log): Promise<false> {
  const parked = await transactor.run(async (tx) => {
    await tx.actFor(EVERY_ORGANISATION);
    return countParked(tx);
  });
  for (const [code, count] of Object.entries(parked))
    log.error({ event: 'evidence.parked', code, count }, 'evidence records are parked and want a person');
  return false;
}
