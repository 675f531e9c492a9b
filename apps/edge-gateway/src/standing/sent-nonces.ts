import type { AgreementId, Monotonic } from '@interlock/domain';

/** Nonces remembered per agreement: more than one can be on its way, a hoard cannot be. */
const NONCES_KEPT = 16;

/** The nonces of this boot and when each was sent. A beat that answers none of them is unsolicited, whatever it says. */
export class SentNonces {
  private readonly sent = new Map<AgreementId, Map<string, Monotonic>>();

  constructor(private readonly newNonce: () => string) {}

  /** A new nonce, sent at `now`. */
  next(agreement: AgreementId, now: Monotonic): string {
    const nonce = this.newNonce();
    const sent = this.sent.get(agreement) ?? new Map<string, Monotonic>();
    sent.set(nonce, now);
    for (const old of [...sent.keys()].slice(0, Math.max(0, sent.size - NONCES_KEPT))) sent.delete(old);
    this.sent.set(agreement, sent);
    return nonce;
  }

  /** When this nonce was sent; undefined for none, and for one that was never sent or is forgotten. */
  sentAt(agreement: AgreementId, nonce: string | null): Monotonic | undefined {
    return nonce === null ? undefined : this.sent.get(agreement)?.get(nonce);
  }

  latest(agreement: AgreementId): string | undefined {
    return [...(this.sent.get(agreement)?.keys() ?? [])].at(-1);
  }
}
