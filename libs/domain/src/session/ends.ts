import { agreedAs } from '../agreement/agreed-as.js';
import { offlineTerm } from '../agreement/find-terms.js';
import { resourceClassTerm } from '../agreement/resource-class.js';
import { safetyNotice } from '../agreement/safety.js';
import type { Agreement } from '../documents/agreement.js';
import type { Grant } from '../documents/right.js';
import type { Instant, Monotonic } from '../instant.js';
import { type Lease, leaseEnd } from '../lease/lease.js';
import type { ResourceRef } from '../names.js';

export type EndCode =
  | 'window_over'
  | 'working_time_over'
  | 'login_over'
  | 'lease_over'
  | 'agreement_over'
  | 'offline_closed';

/** Leases where the agreement names none: people 30 minutes, flows and machines 72 hours. */
const DEFAULT_LEASE_SECONDS = { 'remote-service': 1_800, 'data-collection': 259_200, 'machine-to-machine': 259_200 };

/** How long this use may go on after the anchor of the last beat of each side, in milliseconds. */
export function leaseMilliseconds(agreement: Agreement, grant: Grant, resource: ResourceRef): number {
  const leases = classesOf(agreement, resource).map((cls) => offlineTerm(agreement, grant.kind, cls)?.leaseSeconds);
  const seconds = leases.map((agreed) => agreed ?? DEFAULT_LEASE_SECONDS[grant.kind]);
  return Math.min(...(seconds.length > 0 ? seconds : [DEFAULT_LEASE_SECONDS[grant.kind]])) * 1000;
}

/** Whether losing the broker ends the use now (`closed`, and `local`) or lets it run to the end of its lease (`static`). */
export function offlineMode(agreement: Agreement, grant: Grant, resource: ResourceRef): 'closed' | 'static' {
  if (safetyNotice(agreement, grant.kind, resource) !== undefined) return 'static';
  const modes = classesOf(agreement, resource).map(
    (cls) => offlineTerm(agreement, grant.kind, cls)?.mode ?? resourceClassTerm(agreement, cls)?.mode,
  );
  return modes.length > 0 && modes.every((mode) => mode === 'static') ? 'static' : 'closed';
}

/** Every class it may be of: of several the narrowest counts. */
const classesOf = (agreement: Agreement, resource: ResourceRef) =>
  agreedAs(agreement, resource).map((agreed) => agreed.class);

export interface LiveUse {
  readonly agreement: Agreement;
  readonly grant: Grant;
  readonly resource: ResourceRef;
  /** End of the window it was opened in, as a monotonic deadline fixed at opening. */
  readonly windowEnd: Monotonic;
  readonly agreementEnd: Monotonic;
  /** When the work that began in this window must be over; undefined where the agreement does not say. */
  readonly workingEnd?: Monotonic | undefined;
  /** When the login that it rests on is too old; undefined where the agreement does not say, or nobody logged in. */
  readonly loginEnd?: Monotonic | undefined;
  /** An approver who was present activated it: no lease of either side and no loss of the broker ends it. */
  readonly activated?: boolean;
  /** It was opened before: where safety rests on it, no lease ends it any more. */
  readonly resumed?: boolean;
}

/** The earliest end of a live use and why; the caller cuts at that instant and asks again after every beat. */
export function endOf(use: LiveUse, leases: readonly Lease[]): { readonly at: Monotonic; readonly code: EndCode } {
  const lease = leaseMilliseconds(use.agreement, use.grant, use.resource);
  const safety = use.resumed === true && safetyNotice(use.agreement, use.grant.kind, use.resource) !== undefined;
  const leased = !use.activated && !safety;
  const ends: { at: Monotonic; code: EndCode }[] = [
    { at: use.windowEnd, code: 'window_over' },
    { at: use.agreementEnd, code: 'agreement_over' },
    ...(use.workingEnd === undefined ? [] : [{ at: use.workingEnd, code: 'working_time_over' as const }]),
    ...(use.loginEnd === undefined ? [] : [{ at: use.loginEnd, code: 'login_over' as const }]),
    ...(leased ? leases : []).map((one) => ({ at: leaseEnd(one, lease), code: 'lease_over' as const })),
  ];
  // No lease at all is not "no limit": a side that never beat is a side that never agreed since this start.
  if (leases.length === 0 && leased) ends.push({ at: Number.NEGATIVE_INFINITY, code: 'lease_over' });
  return ends.reduce((earliest, end) => (end.at < earliest.at ? end : earliest));
}

/** A calendar end as a monotonic deadline: afterwards no change of the wall clock moves it. */
export const deadline = (end: Instant, now: Instant, monotonic: Monotonic): Monotonic => monotonic + (end - now);
