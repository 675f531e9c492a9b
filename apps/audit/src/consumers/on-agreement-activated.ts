import { type Subscription, subscribe } from '@interlock/chassis';
import { EVERY_ORGANISATION } from '@interlock/chassis/db';
import { AgreementActivated } from '@interlock/contracts';
import { registerParties } from '../store/party.store.js';

/** The parties of an agreement may read its log, and their witnesses are asked to cosign it where the agreement says so. */
export const onAgreementActivated = (): Subscription =>
  subscribe({
    event: AgreementActivated,
    durable: 'audit_register-parties',
    access: { actor: 'service', services: ['trust-registry'] },
    async handle({ id, parties, evidence }, tx) {
      await tx.actFor(EVERY_ORGANISATION);
      // With `one`, any side may be the one; which of them did is in the checkpoint.
      await registerParties(tx, id, parties, evidence.cosigning === 'none' ? [] : parties);
    },
  });
