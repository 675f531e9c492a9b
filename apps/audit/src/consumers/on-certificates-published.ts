import { type Subscription, subscribe } from '@interlock/chassis';
import { EVERY_ORGANISATION } from '@interlock/chassis/db';
import { CertificatesPublished } from '@interlock/contracts';
import { formatVkey, witnessNoteKey } from '@interlock/proof';
import { keepWitnessKey } from '../store/party.store.js';

/** Keys that an organisation certified for its witness count from now on. C2SP cosignatures v1 are Ed25519; others sign nothing here. */
export const onCertificatesPublished = (): Subscription =>
  subscribe({
    event: CertificatesPublished,
    durable: 'audit_keep-witness-keys',
    access: { actor: 'service', services: ['trust-registry'] },
    async handle({ organisation, witnesses }, tx) {
      await tx.actFor(EVERY_ORGANISATION);
      for (const { key, notBefore, notAfter } of witnesses) {
        const noteKey =
          key.crv === 'Ed25519' ? witnessNoteKey(organisation, Buffer.from(key.x, 'base64url')) : undefined;
        if (!noteKey?.allowed || notAfter <= notBefore) continue;
        await keepWitnessKey(tx, { organisation, vkey: formatVkey(noteKey.value), notBefore, notAfter });
      }
    },
  });
