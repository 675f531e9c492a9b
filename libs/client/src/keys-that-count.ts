import type { Agreement, HeldAct, Instant } from '@interlock/domain';
import { digestOf, type KeyRing, verifyAct, withoutRevoked } from '@interlock/proof';

/**
 * The keys of an agreement's parties without those that their own company revoked: a certificate goes on to its last day, the key in the wrong hands
 * does not. Acts come from whoever brings them and are verified here; one that was taken stays, whatever is left out the next time.
 */
export class KeysThatCount {
  private readonly acts = new Map<string, HeldAct>();
  private counting: KeyRing;

  constructor(private ring: KeyRing) {
    this.counting = ring;
  }

  /** The keys that count by what was taken so far. */
  readonly now = (): KeyRing => this.counting;

  /** Takes in the parties' keys as they are published now, and the acts that stand in one agreement. */
  async take(ring: KeyRing, agreement: Agreement, acts: readonly Signable[], at: Instant): Promise<void> {
    this.ring = ring;
    for (const act of acts) {
      if (act.document.target.kind !== 'key' || this.acts.has(digestOf(act.document))) continue;
      const verified = await verifyAct(act, ring, agreement, at);
      if (verified.allowed) this.acts.set(verified.value.digest, verified.value);
    }
    this.counting = withoutRevoked(this.ring, this.acts.values());
  }
}

type Signable = { readonly document: HeldAct['act'] };
