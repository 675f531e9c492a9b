import type { Instant } from '@interlock/domain';

/** More than this many unexpired proofs at a time means that somebody replays or floods: then the answer is no. */
const MOST = 200_000;

/** Which caller proofs this replica has taken, until they expire. Only proofs of known callers are remembered: a stranger fills nothing. */
export class UsedProofs {
  private readonly seen = new Map<string, Instant>();
  private sweptAt: Instant = 0;

  /** True the first time; false for a replay, and where no more can be remembered. */
  firstUse(kid: string, jti: string, expiresAt: Instant, now: Instant): boolean {
    if (now - this.sweptAt > 5_000) this.sweep(now);
    const name = `${kid} ${jti}`;
    if (this.seen.has(name) || this.seen.size >= MOST) return false;
    this.seen.set(name, expiresAt);
    return true;
  }

  private sweep(now: Instant): void {
    this.sweptAt = now;
    for (const [name, expiresAt] of this.seen) if (expiresAt <= now) this.seen.delete(name);
  }
}
