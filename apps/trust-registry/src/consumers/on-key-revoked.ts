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
    async handle({ organisation, key }) {
      // In a transaction of its own, so that the news goes out after it; done twice it changes nothing.
      await verbs.transactor.run(async (tx) => {
        await tx.actFor(organisation);
        await keepRevokedKey(tx, organisation, key);
        await raiseRevision(tx, organisation);
      });
      verbs.news.tell(PUBLISHED, { organisation });
    },
  });
