import { type Subscription, subscribe } from '@interlock/chassis';
import { CertificatesPublished } from '@interlock/contracts';
import { keepWitnessKeys } from '../commands/register-log.js';

/** Witness keys come with the news of their certificates. */
export const onCertificatesPublished = (): Subscription =>
  subscribe({
    event: CertificatesPublished,
    durable: 'audit_keep-witness-keys',
    access: { actor: 'service', services: ['trust-registry'] },
    handle: (published, tx) => keepWitnessKeys(tx, published),
  });
