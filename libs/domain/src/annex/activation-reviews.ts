import { offlineTerms } from '../agreement/find-terms.js';
import type { Agreement } from '../documents/agreement.js';
import type { ActivationReview, HeldAnnex } from '../documents/annex.js';
import type { EvidenceRecord } from '../evidence/record.js';
import type { Instant } from '../instant.js';
import type { ResourceRef } from '../names.js';
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

/** A use that was activated at a gateway and that nobody has looked at, and until when somebody has to; null where the agreement sets no time. */
export interface OwedReview {
  readonly record: EvidenceRecord;
  readonly due: Instant | null;
}

/** Which of these records of `session.activated` wait for a review, the one that is due first before all others. */
export const reviewsOwed = (
  agreement: Agreement,
  records: readonly EvidenceRecord[],
  annexes: readonly HeldAnnex[],
): readonly OwedReview[] =>
  records
    .filter((record) => !reviewOf(record, annexes))
    .map((record) => ({ record, due: reviewDue(agreement, record) }))
    .sort((a, b) => (a.due ?? Number.POSITIVE_INFINITY) - (b.due ?? Number.POSITIVE_INFINITY));

/** Until when this use is to be reviewed; null where the agreement asks for no review within a time. A resource that it names no more is held to the shortest time in it. */
export function reviewDue(agreement: Agreement, { resource, at }: EvidenceRecord): Instant | null {
  const terms = offlineTerms(agreement).filter(({ mode }) => mode === 'local');
  const cls = resource ? classOf(agreement, resource) : undefined;
  const asked = terms.flatMap(({ class: of, reviewWithinSeconds: seconds }) =>
    seconds !== undefined && (cls === undefined || of === cls) ? [seconds] : [],
  );
  return asked.length === 0 ? null : at + Math.min(...asked) * 1000;
}

const classOf = ({ resources }: Agreement, { owner, id }: ResourceRef) =>
  resources.find((one) => one.owner === owner && one.id === id)?.class;

/** Where the reader may see who activated it, the review must name him; a company that keeps that to itself looks at its own reviews. */
const isSaid = ({ reason }: EvidenceRecord, { activatedBy }: ActivationReview): boolean =>
  reason === undefined || reason.startsWith(`${activatedBy}: `);
