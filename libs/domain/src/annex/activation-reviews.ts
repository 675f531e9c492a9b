import type { ActivationReview, HeldAnnex } from '../documents/annex.js';
import type { EvidenceRecord } from '../evidence/record.js';
import { annexesOf } from './held.js';

/**
 * The review that counts for a use that was activated at a gateway: of the company whose resource it is, over this very activation, by another person than the one who
 * activated it. Undefined while nobody has looked. `record` is the gateway's own of the activation.
 */
export function reviewOf(
  record: EvidenceRecord,
  annexes: readonly HeldAnnex[],
): HeldAnnex<ActivationReview> | undefined {
  return annexesOf(annexes, 'activation-review').find(
    ({ annex }) =>
      annex.organisation === record.resource?.owner &&
      annex.session === record.session &&
      record.documents.includes(annex.activation) &&
      annex.reviewer !== annex.activatedBy &&
      isSaid(record, annex) &&
      annex.issuedAt >= record.at,
  );
}

/** Where the reader may see who activated it, the review must name him; a company that keeps that to itself looks at its own reviews. */
const isSaid = ({ reason }: EvidenceRecord, { activatedBy }: ActivationReview): boolean =>
  reason === undefined || reason.startsWith(`${activatedBy}: `);
