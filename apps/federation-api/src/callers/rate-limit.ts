import type { Monotonic } from '@interlock/domain';

interface Bucket {
  left: number;
  at: Monotonic;
}

/** Token buckets by name: `perSecond` on average, `burst` at once. With more than `most` names the longest unused are forgotten. */
export class RateLimit {
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
    private readonly most = 10_000,
  ) {}

  /** Whether this one may pass; takes a token if so. */
  take(name: string, now: Monotonic): boolean {
    const had = this.buckets.get(name);
    const left = had ? Math.min(this.burst, had.left + ((now - had.at) / 1000) * this.perSecond) : this.burst;
    // Set anew, so that the first name of the map is the one that was not used for longest.
    this.buckets.delete(name);
    this.buckets.set(name, { left: left >= 1 ? left - 1 : left, at: now });
    const [oldest] = this.buckets.keys();
    if (oldest !== undefined && this.buckets.size > this.most) this.buckets.delete(oldest);
    return left >= 1;
  }
}
