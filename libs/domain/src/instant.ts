declare const brand: unique symbol;
/** A value that has passed the one check that makes it a `B`. */
export type Branded<T, B extends string> = T & { readonly [brand]: B };

/** Milliseconds since the epoch. Seconds live only in token claims, as `EpochSeconds`. */
export type Instant = number;
export type EpochSeconds = number;
/** Milliseconds of a clock that only moves forward and has no relation to the calendar. */
export type Monotonic = number;

/** A span of time `[from, to)`. */
export interface Interval {
  readonly from: Instant;
  readonly to: Instant;
}

/** Whether `at` lies inside one of the intervals; the end itself is outside. */
export const within = (intervals: readonly Interval[], at: Instant): Interval | undefined =>
  intervals.find((span) => span.from <= at && at < span.to);
