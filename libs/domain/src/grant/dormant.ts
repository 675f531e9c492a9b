import { agreedAs } from '../agreement/agreed-as.js';
import { offlineTerm } from '../agreement/find-terms.js';
import type { Agreement } from '../documents/agreement.js';
import type { Grant } from '../documents/right.js';
import type { Instant } from '../instant.js';

/** A dormant grant may wait this long, in milliseconds: as long as an approval that was given once and for all. */
const LONGEST_WAIT = 90 * 86_400_000;

export type DormantRefusal = 'dormant_not_agreed' | 'window_too_long';

/**
 * What keeps a grant from lying dormant: the agreement lets no approver activate such a use at the gateway (offline mode `local`), it names more
 * than one subject, or it would wait or run longer than may be. Undefined where it may, and where it is no dormant grant.
 */
export function dormantFault(
  grant: Grant,
  agreement: Agreement,
  longestWindowSeconds: number,
): DormantRefusal | undefined {
  const { dormant, kind, resources, subjects, windows } = grant;
  if (!dormant) return undefined;
  const local = resources.every((resource) => {
    const agreed = agreedAs(agreement, resource);
    return agreed.length > 0 && agreed.every((one) => offlineTerm(agreement, kind, one.class)?.mode === 'local');
  });
  // One subject: nothing but its key says who it is. The key of who says yes there is no key of who enters.
  const [subject, ...others] = subjects;
  const apart = !dormant.approverKeys.some((key) => dormant.subjectKeys.includes(key));
  if (!local || kind === 'data-collection' || !subject || others.length > 0 || !apart) return 'dormant_not_agreed';
  const waits = windows.every(({ from, to }) => to - from <= LONGEST_WAIT);
  return waits && dormant.seconds <= longestWindowSeconds ? undefined : 'window_too_long';
}

/** Whether a grant is used as it was granted: a dormant one activated at the gateway, every other not. */
export const awake = ({ dormant }: Pick<Grant, 'dormant'>, activated: boolean): boolean =>
  (dormant !== undefined) === activated;

/** When an activated use ends: its time runs from the activation, inside the window in which it may be activated. */
export const activatedUntil = ({ dormant }: Grant, windowEnd: Instant, now: Instant): Instant =>
  Math.min(windowEnd, now + (dormant?.seconds ?? 0) * 1000);
