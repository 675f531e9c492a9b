import { createHash } from 'node:crypto';
import type { Decision, Instant } from '@interlock/domain';
import type { KeyRing } from './key-ring.js';
import { type Pins, type TrustRefusal, trust } from './trust.js';

/** More partnerships than act within minutes; the oldest is forgotten first. */
const MOST_REMEMBERED = 1_000;
/** Of the documents that they were made of, as text: a ring of a thousand certificates is no small thing, and others choose how many. */
const MOST_BYTES = 64_000_000;

/**
 * Rings that were verified before, by every document and pin they were made of. Whatever signature counted once counts on: in a ring
 * nothing but a signature from the future depends on the time.
 */
export class RememberedRings {
  private readonly rings = new Map<string, { readonly ring: KeyRing; readonly bytes: number }>();
  private bytes = 0;

  /** @param most bytes of documents whose rings are kept */
  constructor(private readonly most: number = MOST_BYTES) {}

  /** How many are kept, and of how many bytes of documents. */
  get size(): { readonly rings: number; readonly bytes: number } {
    return { rings: this.rings.size, bytes: this.bytes };
  }

  async of(
    entities: readonly unknown[],
    certificates: readonly unknown[],
    pins: Pins,
    now: Instant,
  ): Promise<Decision<KeyRing, TrustRefusal>> {
    const made = JSON.stringify([entities, certificates, [...pins]]);
    const name = createHash('sha256').update(made).digest('base64url');
    const had = this.rings.get(name);
    if (had) return { allowed: true, value: had.ring };
    const ring = await trust(entities, certificates, pins, now);
    if (ring.allowed) this.keep(name, { ring: ring.value, bytes: made.length });
    return ring;
  }

  private keep(name: string, entry: { readonly ring: KeyRing; readonly bytes: number }): void {
    // Somebody else may have kept it while it was verified here.
    if (entry.bytes > this.most || this.rings.has(name)) return;
    this.rings.set(name, entry);
    this.bytes += entry.bytes;
    for (const [oldest, { bytes }] of this.rings) {
      if (this.bytes <= this.most && this.rings.size <= MOST_REMEMBERED) return;
      this.rings.delete(oldest);
      this.bytes -= bytes;
    }
  }
}
