import { EVERY_ORGANISATION } from '@interlock/chassis/db';
import { type Delivery, deliveryWords, MOST_SIGNALS, type RefusalCode } from '@interlock/contracts';
import {
  type AgreementId,
  allow,
  type Decision,
  type Digest,
  type OrganisationId,
  refuse,
  type Signal,
  type Signed,
} from '@interlock/domain';
import { digestOf, verifySignal } from '@interlock/proof';
import { keepSignal } from '../store/signal.store.js';
import type { Verbs } from '../verbs.js';
import { pinsOf, readMaterial } from './material.js';

export interface SaidUnder {
  readonly organisation: OrganisationId;
  readonly agreementId: AgreementId;
  readonly signal: Signed<Signal>;
}

/** Takes what a company says of its own, and hands it to the gateways of every party: each verifies it as a stranger's word, and so does who fetches it. */
export async function handInSignal(
  verbs: Verbs,
  { organisation, agreementId, signal }: SaidUnder,
): Promise<Decision<{ digest: Digest }, RefusalCode>> {
  if (signal.document.organisation !== organisation) return refuse('wrong_issuer');
  const material = await readMaterial(verbs, organisation, agreementId, { blocks: signal.signatures });
  if (!material.allowed) return material;
  const now = verbs.clock.now();
  const ring = await verbs.rings.of(material.value.entities, material.value.certificates, pinsOf(material.value), now);
  if (!ring.allowed) return ring;
  const verified = await verifySignal(signal, ring.value, now);
  if (!verified.allowed) return verified;
  const parties = material.value.view.agreement.document.parties.map((party) => party.organisation);
  const digest = digestOf(signal.document);
  const kept = await verbs.transactor.run(async (tx) => {
    await tx.actFor(EVERY_ORGANISATION);
    return keepSignal(tx, signal, { agreementId, parties, most: MOST_SIGNALS }, digest);
  });
  if (kept === 'too many') return refuse('rate_limited', { clause: 'signal' });
  const frame: Delivery = { d: 'frame', frame: { t: 'signal', signal } as { t: string } };
  if (kept === 'kept') for (const party of parties) verbs.news.deliver(deliveryWords(party, 'gateway'), frame);
  return allow({ digest });
}
