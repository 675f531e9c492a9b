import { type Way, waysOf } from '@interlock/company-side';
import { type Agreement, type HeldBack, heldBack, type Refusal } from '@interlock/domain';
import type { Agent } from '../agent.js';
import { allInForce, partiesOf } from '../agreements/agreements.js';
import { recordsOf } from './ask-log.js';
import { LOOKS_BACK } from './live-now.js';

export interface WaysUnder {
  readonly agreement: Agreement;
  readonly ways: readonly Way[];
  readonly held: readonly HeldBack[];
  readonly refusal: Refusal | undefined;
}

const OF_FLOWS = ['flow.delivered', 'scan.quarantined', 'scan.released'] as const;

/**
 * Which ways data took under each agreement in force, and what was held back from them: from verified records, with the places that parties and
 * agreement signed.
 */
export async function flowWays(agent: Agent): Promise<readonly WaysUnder[]> {
  const found: WaysUnder[] = [];
  for (const agreement of allInForce(agent)) {
    const records = await recordsOf(agent, agreement.id, OF_FLOWS, agent.now() - LOOKS_BACK);
    const ring = await agent.partners.ring(partiesOf(agreement), agent.now());
    if (!records.allowed || !ring.allowed) {
      const refusal = records.allowed ? (ring.allowed ? undefined : ring.refusal) : records.refusal;
      found.push({ agreement, ways: [], held: [], refusal });
      continue;
    }
    const rows = records.value.map((record) => ({ record }));
    const ways = waysOf({ agreement, ring: ring.value, rows }, []);
    found.push({ agreement, ways, held: heldBack(records.value), refusal: undefined });
  }
  return found;
}
