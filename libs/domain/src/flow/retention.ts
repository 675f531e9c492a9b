import { dataTerm } from '../agreement/find-terms.js';
import type { Agreement } from '../documents/agreement.js';
import type { Instant } from '../instant.js';
import type { LocalId, ResourceRef } from '../names.js';

/** What was received, as far as its retention goes. */
export interface Received {
  readonly product: LocalId;
  readonly machine: ResourceRef;
  /** When the gateway sealed it: whoever keeps it counts from there, however late it came. */
  readonly sealedAt: Instant;
}

/** Whether data is to be erased by now. What no term speaks of any more has nothing that lets it be kept. */
export function retentionOver(agreement: Agreement, { product, machine, sealedAt }: Received, now: Instant): boolean {
  const term = dataTerm(agreement, product, machine);
  return !term || now >= sealedAt + term.retentionSeconds * 1000;
}
