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

/** No session and no lock-out is looked for further back. Milliseconds. */
export const LOOKS_BACK = 31 * 86_400_000;

/** What is open under each agreement in force, from verified records alone. */
export async function liveNow(agent: Agent): Promise<readonly LiveUnder[]> {
  const found: LiveUnder[] = [];
  const kinds = ['session.opened', 'session.closed', 'session.cut', 'lockout.set', 'lockout.lifted'] as const;
  for (const agreement of allInForce(agent)) {
    const records = await recordsOf(agent, agreement.id, kinds, agent.now() - LOOKS_BACK);
    found.push({
      agreement,
      live: records.allowed ? liveByRecords(records.value) : undefined,
      refusal: records.allowed ? undefined : records.refusal,
    });
  }
  return found;
}
