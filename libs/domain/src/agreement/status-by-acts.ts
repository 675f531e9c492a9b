import { type HeldAct, liftedBy } from '../act/standing.js';
import type { Agreement } from '../documents/agreement.js';
import type { Instant } from '../instant.js';
import { onWhole, retrievalEndsAt, usesEndAt } from './ending.js';
import type { AgreementStatus } from './life-cycle.js';

/**
 * Where a version that was activated stands, by its own end and by the acts on the whole agreement that are held: the narrowest of what they
 * say. Acts are a set, so their order changes nothing. `terminating` is notice, in which everything goes on, and then retrieval, in which nothing but that does.
 */
export function statusByActs(
  agreement: Agreement,
  acts: readonly HeldAct[],
  now: Instant,
): Extract<AgreementStatus, 'active' | 'suspended' | 'terminating' | 'ended'> {
  if (now >= retrievalEndsAt(agreement, acts)) return 'ended';
  const whole = onWhole(agreement, acts);
  if (now >= usesEndAt(agreement, acts) || whole.some(({ act }) => act.verb === 'terminate')) return 'terminating';
  const suspended = whole.some((held) => held.act.verb === 'suspend' && !liftedBy(held, acts, agreement));
  return suspended ? 'suspended' : 'active';
}
