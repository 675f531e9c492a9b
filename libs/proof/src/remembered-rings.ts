import { createHash } from 'node:crypto';
import type { Decision, Instant } from '@interlock/domain';
import type { KeyRing } from './key-ring.js';
import { type Pins, type TrustRefusal, trust } from './trust.js';

/** More partnerships than act within minutes; the oldest is forgotten first. */
const MOST_REMEMBERED = 1_000;

/**
 * Rings that were verified before, by every document and pin they were made of. Whatever signature counted once counts on: in a ring
 * nothing but a signature from the future depends on the time.
 */
export class RememberedRings {
  private readonly rings = new Map<string, KeyRing>();

  async of(
    entities: readonly unknown[],
    certificates: readonly unknown[],
    pins: Pins,
    now: Instant,
  ): Promise<Decision<KeyRing, TrustRefusal>> {
    const name = createHash('sha256')
      .update(JSON.stringify([entities, certificates, [...pins]]))
      .digest('base64url');
    const had = this.rings.get(name);
    if (had) return { allowed: true, value: had };
    const ring = await trust(entities, certificates, pins, now);
    if (!ring.allowed) return ring;
    const [oldest] = this.rings.keys();
    if (oldest !== undefined && this.rings.size >= MOST_REMEMBERED) this.rings.delete(oldest);
    this.rings.set(name, ring.value);
    return ring;
  }
}
