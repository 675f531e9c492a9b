import type { HeldAct } from '../act/standing.js';
import { retrievalEndsAt } from '../agreement/ending.js';
import { dataTerm } from '../agreement/find-terms.js';
import type { Agreement } from '../documents/agreement.js';
import type { Instant } from '../instant.js';
import type { LocalId, OrganisationId, ResourceRef } from '../names.js';

/** What was received, as far as its retention goes. */
export interface Received {
  readonly product: LocalId;
  readonly machine: ResourceRef;
  /** When the gateway sealed it: whoever keeps it counts from there, however late it came. */
  readonly sealedAt: Instant;
}

/** Why data has to go: the time it may be kept is over, or the agreement is, retrieval included. */
export type ErasureCause = 'retention' | 'ended';

/** Whether data is to be erased by now. What no term speaks of any more has nothing that lets it be kept. */
export function retentionOver(agreement: Agreement, { product, machine, sealedAt }: Received, now: Instant): boolean {
  const term = dataTerm(agreement, product, machine);
  return !term || now >= sealedAt + term.retentionSeconds * 1000;
}

/**
 * Why whoever keeps this data has to erase it by now; undefined while it may be kept. An end of the agreement takes from each recipient what it received, once
 * the time to retrieve is over; the owner's copy of its own data stays its own.
 */
export function erasureDue(
  agreement: Agreement,
  acts: readonly HeldAct[],
  received: Received,
  keeper: OrganisationId,
  now: Instant,
): ErasureCause | undefined {
  if (retentionOver(agreement, received, now)) return 'retention';
  return keeper !== received.machine.owner && now >= retrievalEndsAt(agreement, acts) ? 'ended' : undefined;
}
