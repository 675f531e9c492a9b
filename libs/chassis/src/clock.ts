import type { Instant, Monotonic } from '@interlock/domain';

/** What time it is, as an injected value: nothing else in a service reads a clock. */
export abstract class Clock {
  /** Milliseconds since the epoch. */
  abstract now(): Instant;
  /** Milliseconds of a clock that no administrator and no time server can set back. */
  abstract monotonic(): Monotonic;
}

/** The clocks of this machine. */
export class SystemClock extends Clock {
  override now(): Instant {
    return Date.now();
  }
  override monotonic(): Monotonic {
    return performance.now();
  }
}
