import type { Instant, Monotonic } from '../instant.js';

/** The lowest time it can be: a time signed by the point's own organisation, and when it was learnt. */
export interface Floor {
  readonly time: Instant;
  readonly at: Monotonic;
}

/** `max(wall clock, floor + monotonic time since the floor)`: setting the network clock back or freezing it gains nothing. */
export const trustedNow = (floor: Floor, wall: Instant, monotonic: Monotonic): Instant =>
  Math.max(wall, floor.time + (monotonic - floor.at));

/** The floor after a time signed by the point's OWN organisation; a floor never falls. Foreign times never reach here. */
export function raiseFloor(floor: Floor, ownTime: Instant, monotonic: Monotonic): Floor {
  const current = floor.time + (monotonic - floor.at);
  return ownTime > current ? { time: ownTime, at: monotonic } : floor;
}

/** Whether a partner's time can be believed at all; one from the future beyond `skew` is refused and stored nowhere. */
export const believable = (foreign: Instant, now: Instant, skewMilliseconds: number): boolean =>
  foreign <= now + skewMilliseconds;

/** The highest time it can be: the point's own organisation said `time` in answer to a nonce that was sent at `sentAt`. */
export interface Ceiling {
  readonly time: Instant;
  readonly sentAt: Monotonic;
}

/**
 * Whether `now` runs ahead of what the point's own organisation says, so that a window would open before its time. The answer was signed
 * after the nonce was sent, so it cannot be later than `time` plus what has passed since. Without any answer of this boot nobody knows: yes.
 */
export const runsAhead = (
  ceiling: Ceiling | undefined,
  now: Instant,
  monotonic: Monotonic,
  skewMilliseconds: number,
): boolean => ceiling === undefined || now > ceiling.time + (monotonic - ceiling.sentAt) + skewMilliseconds;
