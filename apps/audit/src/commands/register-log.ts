import { EVERY_ORGANISATION, type Tx } from '@interlock/chassis/db';
import type { AgreementActivated, CertificatesPublished, EventBody } from '@interlock/contracts';
import { formatVkey, witnessNoteKey } from '@interlock/proof';
import { keepFor } from '../store/keeping.store.js';
import { keepWitnessKey, registerParties } from '../store/party.store.js';

/** The parties of an agreement may read its log, and their witnesses are asked to cosign it where the agreement says so. */
export async function registerLog(tx: Tx, activated: EventBody<typeof AgreementActivated>): Promise<void> {
  const { id, parties, evidence } = activated;
  await tx.actFor(EVERY_ORGANISATION);
  // With `one`, any side may be the one; which of them did is in the checkpoint.
  await registerParties(tx, id, parties, evidence.cosigning === 'none' ? [] : parties);
  await keepFor(tx, id, evidence.retentionSeconds);
}

/** Keys an organisation certified for its witness count from now on. C2SP cosignatures v1 are Ed25519; others sign nothing here. */
export async function keepWitnessKeys(tx: Tx, published: EventBody<typeof CertificatesPublished>): Promise<void> {
  const { organisation, witnesses } = published;
  await tx.actFor(EVERY_ORGANISATION);
  for (const { key, notBefore, notAfter } of witnesses) {
    const noteKey = key.crv === 'Ed25519' ? witnessNoteKey(organisation, Buffer.from(key.x, 'base64url')) : undefined;
    if (!noteKey?.allowed || notAfter <= notBefore) continue;
    await keepWitnessKey(tx, { organisation, vkey: formatVkey(noteKey.value), notBefore, notAfter });
  }
}
