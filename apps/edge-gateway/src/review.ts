import type { Monotonic } from '@interlock/domain';

/** At most this long between two looks at every live use, in milliseconds. */
const REVIEW_EVERY = 1_000;

/**
 * Looks at every live use, at every change and again exactly when the next lease or window ends. A look closes what may no longer go on and
 * answers with the monotonic time of the next end.
 */
export class Review {
  private readonly looks: (() => Monotonic)[] = [];
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly monotonic: () => Monotonic) {}

  add(look: () => Monotonic): void {
    this.looks.push(look);
  }

  readonly now = (): void => {
    clearTimeout(this.timer);
    if (this.stopped) return;
    const next = Math.min(...this.looks.map((look) => look()));
    this.timer = setTimeout(this.now, Math.min(Math.max(next - this.monotonic(), 0), REVIEW_EVERY));
  };

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }
}
