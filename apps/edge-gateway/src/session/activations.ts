import { newId, newNonce } from '@interlock/company-side';
import type { Admission } from '@interlock/contracts';
import { allow, type Decision, type SessionId } from '@interlock/domain';
import { SIGNATURE_SKEW } from '@interlock/proof';
import type { StandingKeeper } from '../standing/keep-standing.js';
import { admitActivation, type BroughtActivation, type ShownNonce } from './admit-activation.js';
import type { MeetingOptions } from './meet-connector.js';
import type { Sessions } from './sessions.js';

export interface ActivationParts extends Pick<MeetingOptions, 'self' | 'clock' | 'lockout' | 'working'> {
  readonly keeper: Pick<StandingKeeper, 'agreements'>;
  readonly sessions: Sessions;
}

/** Dormant grants that are activated at this gateway: one nonce for each, so that no activation is ever played twice. */
export class Activations {
  private shown: ShownNonce;

  constructor(private readonly parts: ActivationParts) {
    this.shown = this.fresh();
  }

  /** The nonce that the next activation must answer, for about a minute. */
  get nonce(): string {
    if (this.parts.clock.monotonic() - this.shown.at > SIGNATURE_SKEW) this.shown = this.fresh();
    return this.shown.nonce;
  }

  private fresh(): ShownNonce {
    return { nonce: newNonce(), at: this.parts.clock.monotonic() };
  }

  async take(brought: BroughtActivation): Promise<Decision<Admission>> {
    const { self, clock, lockout, working, keeper, sessions } = this.parts;
    const { shown } = this;
    // Used up by the attempt: of two that are judged at once, one answers a nonce that is over.
    this.shown = this.fresh();
    const admitted = await admitActivation(brought, {
      ...{ self, clock, working, shown },
      held: keeper.agreements.get(brought.grant.document.agreementId),
      locked: lockout.isSet(),
      newSession: () => newId('ses') as SessionId,
    });
    if (!admitted.allowed) return admitted;
    const met = sessions.meet(admitted.value);
    if (!met.allowed) return met;
    const { session, relay, rendezvous, ticket, chain } = admitted.value.offer;
    // In the form in which the broker admits, so that a connector meets this gateway in the one way it knows.
    return allow({
      session,
      relay,
      rendezvous,
      ticket,
      chain,
      gateway: { organisation: self.organisation, id: self.gateway },
    });
  }
}
