import type { Instant, Monotonic } from '@interlock/domain';

/** A clock that stands still until a test moves it. Fits wherever a service's or a gateway's `Clock` is asked for. */
export class FakeClock {
  private elapsed: Monotonic = 0;

  constructor(private wall: Instant = Date.UTC(2026, 0, 5, 8, 0, 0)) {}

  now(): Instant {
    return this.wall;
  }

  monotonic(): Monotonic {
    return this.elapsed;
  }

  /** Time passes, for both clocks. Milliseconds. */
  advance(ms: number): void {
    if (ms < 0) throw new Error('time does not go back; an administrator does that with setWall');
    this.wall += ms;
    this.elapsed += ms;
  }

  /** Somebody sets the wall clock, forward or back; the monotonic clock does not notice. */
  setWall(to: Instant): void {
    this.wall = to;
  }
}
