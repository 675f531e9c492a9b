import { type Agreement, type LiveByRecords, liveByRecords, type Refusal } from '@interlock/domain';
import type { Agent } from '../agent.js';
import { allInForce } from '../agreements/agreements.js';
import { recordsOf } from './ask-log.js';

/** What one agreement's gateways said, or why nothing of it can be shown. */
export interface LiveUnder {
  readonly agreement: Agreement;
  readonly live: LiveByRecords | undefined;
  readonly refusal: Refusal | undefined;
}

/** No session and no delivery is looked for further back. Milliseconds. */
export const LOOKS_BACK = 31 * 86_400_000;

const OF_SESSIONS = ['session.opened', 'session.closed', 'session.cut'] as const;
const OF_LOCKS = ['lockout.set', 'lockout.lifted'] as const;

/** What is open under each agreement in force, from verified records alone. */
export async function liveNow(agent: Agent): Promise<readonly LiveUnder[]> {
  const found: LiveUnder[] = [];
  for (const agreement of allInForce(agent)) {
    const sessions = await recordsOf(agent, agreement.id, OF_SESSIONS, agent.now() - LOOKS_BACK);
    // A gateway stays locked for as long as nobody lifts it there, however long ago it was locked.
    const locks = sessions.allowed ? await recordsOf(agent, agreement.id, OF_LOCKS, 0) : sessions;
    const both = sessions.allowed && locks.allowed ? [...sessions.value, ...locks.value] : undefined;
    const refusal = locks.allowed ? undefined : locks.refusal;
    found.push({ agreement, live: both && liveByRecords(both), refusal });
  }
  return found;
}
