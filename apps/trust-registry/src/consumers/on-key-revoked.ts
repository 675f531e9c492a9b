import { subscribe } from '@interlock/chassis';
import { KeyRevoked, PUBLISHED } from '@interlock/contracts';
import { raiseRevision } from '../store/organisation.store.js';
import { keepRevokedKey } from '../store/revoked.store.js';
import type { Verbs } from '../verbs.js';

/** A key its own organisation revoked authenticates no caller any more. */
export const onKeyRevoked = (verbs: Verbs) =>
  subscribe({
    event: KeyRevoked,
    durable: 'trust-registry_keep-revoked-key',
    access: { actor: 'service', services: ['grants'] },
    async handle({ organisation, key }, tx) {
      await tx.actFor(organisation);
      await keepRevokedKey(tx, organisation, key);
      await raiseRevision(tx, organisation);
      // Told before the commit: whoever asks too early reads the old answer and asks again within its own bound.
      verbs.news.tell(PUBLISHED, { organisation });
    },
  });
