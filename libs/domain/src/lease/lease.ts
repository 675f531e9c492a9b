import type { Instant, Monotonic } from '../instant.js';

/** What an enforcement point remembers of one organisation's beats in one agreement, since its own start. */
export interface Lease {
  /** The monotonic instant the lease runs from; null until a beat has answered a nonce of this boot. */
  readonly anchor: Monotonic | null;
  /** `issuedAt` of the newest beat that counted. */
  readonly newest: Instant | null;
}

export const NO_LEASE: Lease = { anchor: null, newest: null };

/** A verified beat as it arrives: when its nonce was sent (undefined if it answers none of ours), and what it says. */
export interface BeatArrival {
  readonly nonceSentAt: Monotonic | undefined;
  readonly issuedAt: Instant;
  readonly arrivedAt: Monotonic;
}

/**
 * The lease after a beat. A beat that answers our nonce counts from the instant that nonce was SENT; an unsolicited one
 * moves the anchor at most by the difference of the two `issuedAt`. Arrival time never counts, or a broker could
 * hoard beats and play one per lease. Checked against a hostile broker by the model `lease.pml`; who changes this rule
 * changes the model.
 */
export function afterBeat(lease: Lease, beat: BeatArrival): Lease {
  const newest = Math.max(lease.newest ?? beat.issuedAt, beat.issuedAt);
  if (beat.nonceSentAt !== undefined) {
    return { anchor: Math.max(lease.anchor ?? beat.nonceSentAt, beat.nonceSentAt), newest };
  }
  if (lease.anchor === null || lease.newest === null || beat.issuedAt <= lease.newest) return lease;
  const moved = lease.anchor + (beat.issuedAt - lease.newest);
  return { anchor: Math.max(lease.anchor, Math.min(moved, beat.arrivedAt)), newest };
}

/** The monotonic instant at which the lease ends; `-Infinity` where there is none. */
export const leaseEnd = (lease: Lease, leaseMilliseconds: number): Monotonic =>
  lease.anchor === null ? Number.NEGATIVE_INFINITY : lease.anchor + leaseMilliseconds;
