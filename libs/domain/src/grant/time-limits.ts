import { termsOfType } from '../agreement/find-terms.js';
import type { Agreement, GrantKind, TimeLimitsTerm } from '../documents/agreement.js';
import type { Grant } from '../documents/right.js';
import type { Instant } from '../instant.js';
import type { Approver } from './approver.js';

/** The term that bounds the time of rights of a kind beside the length of their windows; without it nothing more does. */
export const timeLimits = (agreement: Agreement, kind: GrantKind): TimeLimitsTerm | undefined =>
  termsOfType(agreement, 'time-limits').find((term) => term.kind === kind);

/**
 * Whether a window begins later than may be booked. Counted from when it was asked for, or from now where the document says that it was
 * asked for in the future: otherwise whoever asks could choose where the horizon begins.
 */
export function bookedTooEarly({ windows, issuedAt }: Grant, term: TimeLimitsTerm | undefined, now: Instant): boolean {
  if (!term) return false;
  const horizon = Math.min(issuedAt, now) + term.bookingSeconds * 1000;
  return windows.some(({ from }) => from > horizon);
}

/** The approvals that open something now; one that is older than the agreement lets it be opens nothing any more. */
export const stillCounting = (
  approvers: readonly Approver[],
  term: TimeLimitsTerm | undefined,
  now: Instant,
): readonly Approver[] =>
  term ? approvers.filter(({ signedAt }) => now < signedAt + term.approvalSeconds * 1000) : approvers;

/** When the work that began in a window must be over, whatever is left of the window; undefined where the agreement does not say. */
export function workingEnd(agreement: Agreement, kind: GrantKind, begunAt: Instant): Instant | undefined {
  const term = timeLimits(agreement, kind);
  return term && begunAt + term.workingSeconds * 1000;
}
