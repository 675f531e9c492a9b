import { type Delivery, deliveryWords } from '@interlock/contracts';
import type { GrantRow } from '../store/grant.store.js';
import type { Verbs } from '../verbs.js';

/** Tells the parties' agents that a grant waits or was settled, and the owner's gateways to take a fresh standing for a new flow. */
export function announceGrant(verbs: Verbs, row: GrantRow): void {
  const inbox: Delivery = { d: 'frame', frame: { t: 'inbox', kind: 'grant', id: row.id } as { t: string } };
  for (const party of row.parties) verbs.news.deliver(deliveryWords(party, 'agent'), inbox);
  if (row.document.kind === 'data-collection' && row.status !== 'asked') {
    verbs.news.deliver(deliveryWords(row.owner, 'gateway'), { d: 'refresh', agreementId: row.agreementId });
  }
}
