import {
  allow,
  type Decision,
  type Instant,
  type LocalId,
  offlineTerms,
  parseLocalId,
  type Refusal,
  reviewsOwed,
} from '@interlock/domain';
import type { Agent } from '../agent.js';
import { allInForce } from '../agreements/agreements.js';
import { verifiedAnnexes } from '../agreements/verified-annexes.js';
import { recordsOf } from './ask-log.js';

/** A use of the own company's machine that somebody activated at its gateway, and that nobody else has looked at. */
export interface OwedHere {
  readonly agreement: string;
  readonly session: string;
  readonly resource: string;
  readonly subject: string;
  readonly activatedBy: LocalId | null;
  readonly at: Instant;
  /** Null where the agreement sets no time. */
  readonly due: Instant | null;
}

export interface OwedReviews {
  readonly owed: readonly OwedHere[];
  /** Of these agreements nothing could be read, so something may be owed. */
  readonly unread: readonly { readonly agreement: string; readonly refusal: Refusal }[];
}

/** What the own company still has to look at, from verified records and papers alone. Only agreements by which something can be activated are asked for. */
export async function owedReviews(agent: Agent): Promise<OwedReviews> {
  const owed: OwedHere[] = [];
  const unread: { agreement: string; refusal: Refusal }[] = [];
  for (const agreement of allInForce(agent)) {
    if (!offlineTerms(agreement).some(({ mode }) => mode === 'local')) continue;
    const found = await owedUnder(agent, agreement);
    if (found.allowed) owed.push(...found.value);
    else unread.push({ agreement: agreement.id, refusal: found.refusal });
  }
  return { owed, unread };
}

async function owedUnder(
  agent: Agent,
  agreement: ReturnType<typeof allInForce>[number],
): Promise<Decision<readonly OwedHere[]>> {
  const records = await recordsOf(agent, agreement.id, ['session.activated'], 0);
  if (!records.allowed) return records;
  const own = records.value.filter(({ resource }) => resource?.owner === agent.organisation);
  if (own.length === 0) return allow([]);
  const annexes = await verifiedAnnexes(agent, agreement, ['activation-review']);
  if (!annexes.allowed) return annexes;
  return allow(
    reviewsOwed(agreement, own, annexes.value).map(({ record: { session, resource, subject, reason, at }, due }) => ({
      ...{ agreement: agreement.id, session: session ?? 'none', resource: resource?.id ?? 'none' },
      subject: subject ? `${subject.organisation}/${subject.id}` : 'nobody who was named',
      activatedBy: parseLocalId(reason?.split(': ')[0] ?? '') ?? null,
      ...{ at, due },
    })),
  );
}
