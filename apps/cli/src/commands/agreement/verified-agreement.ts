import { type Standing, standing } from '@interlock/contracts';
import { type Agreement, type AgreementId, allow, type Decision, refuse } from '@interlock/domain';
import { type KeyRing, trust, verifyAgreement } from '@interlock/proof';
import type { HistorySource } from '../company-broker.js';

/** An agreement that was verified, with the keys of its parties and the documents that it was verified from. */
export interface VerifiedAgreement {
  readonly agreement: Agreement;
  readonly ring: KeyRing;
  /** What the broker says was taken away or lifted; nobody here has verified it. */
  readonly acts: Standing['acts'];
  readonly documents: Pick<Standing, 'entities' | 'certificates' | 'agreement'>;
}

/**
 * The version of an agreement that counts, verified down to the pins, with the keys of its parties. One that has ended is verified as of
 * its last moment: its log and what was sealed under it stay readable.
 */
export async function verifiedAgreement(company: HistorySource, id: AgreementId): Promise<Decision<VerifiedAgreement>> {
  const read = await company.broker.get(`/v1/agreements/${id}/standing`, standing);
  if (!read.allowed) return read;
  const { entities, certificates, agreement } = read.value;
  if (agreement.document.id !== id) return refuse('malformed', { clause: 'agreement' });
  const ring = await trust(entities, certificates, company.pins, company.now());
  if (!ring.allowed) return ring;
  const at = Math.min(company.now(), agreement.document.endsAt - 1);
  const verified = await verifyAgreement(agreement, ring.value, company.pins, at);
  if (!verified.allowed) return verified;
  return allow({
    agreement: verified.value.document,
    ring: ring.value,
    acts: read.value.acts,
    documents: { entities, certificates, agreement },
  });
}
