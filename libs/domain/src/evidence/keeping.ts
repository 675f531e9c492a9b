import { allow, type Decision, refuse } from '../decision.js';
import type { Instant } from '../instant.js';
import type { OrganisationId } from '../names.js';

/** How long what a record tells of persons is kept. */
export interface Keeping {
  /** When it happened, or when it came where that was sooner: a clock that runs ahead keeps nothing for ever. */
  readonly since: Instant;
  /** As both signed; null where the agreement says nothing, and then it is kept. */
  readonly retentionSeconds: number | null;
  /** Who demands that nothing is erased. One is enough. */
  readonly heldBy: readonly OrganisationId[];
}

/**
 * Whether what a record tells of persons may go now. A hold is before the rule: whoever expects a dispute keeps what the rule would take away. To
 * erase sooner than both signed would take a duty away that one owes the other, so no single company can ask for it.
 */
export function mayErase(
  { since, retentionSeconds, heldBy }: Keeping,
  now: Instant,
): Decision<true, 'on_hold' | 'retention_runs'> {
  if (heldBy.length > 0) return refuse('on_hold', { clause: heldBy.join(' ') });
  return retentionSeconds !== null && since + retentionSeconds * 1_000 <= now ? allow(true) : refuse('retention_runs');
}
