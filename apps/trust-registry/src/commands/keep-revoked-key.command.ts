import { PUBLISHED } from '@interlock/contracts';
import type { OrganisationId, Thumbprint } from '@interlock/domain';
import { raiseRevision } from '../store/organisation.store.js';
import { keepRevokedKey } from '../store/revoked.store.js';
import type { Verbs } from '../verbs.js';

/** Remembers that an organisation revoked a key of its own, and tells whoever caches its keys. Done twice it changes nothing. */
export async function keepRevoked(verbs: Verbs, organisation: OrganisationId, key: Thumbprint): Promise<void> {
  // In a transaction of its own, so that the news goes out after it.
  await verbs.transactor.run(async (tx) => {
    await tx.actFor(organisation);
    await keepRevokedKey(tx, organisation, key);
    await raiseRevision(tx, organisation);
  });
  verbs.news.tell(PUBLISHED, { organisation });
}
