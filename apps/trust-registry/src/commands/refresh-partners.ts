import { deliveryWords } from '@interlock/contracts';
import type { OrganisationId } from '@interlock/domain';
import { inForceOf } from '../store/agreement.store.js';
import type { Verbs } from '../verbs.js';

/** Tells the gateways of every partner to take a fresh standing: a beat under a key they do not hold would renew nothing. */
export async function refreshPartners(verbs: Verbs, organisation: OrganisationId): Promise<void> {
  const agreements = await verbs.transactor.run(async (tx) => {
    await tx.actFor(organisation);
    return inForceOf(tx, organisation);
  });
  for (const { id, parties } of agreements) {
    for (const party of parties) verbs.news.deliver(deliveryWords(party, 'gateway'), { d: 'refresh', agreementId: id });
  }
}
