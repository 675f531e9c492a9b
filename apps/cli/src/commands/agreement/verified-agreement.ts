import { standing } from '@interlock/contracts';
import { type Agreement, type AgreementId, allow, type Decision, refuse } from '@interlock/domain';
import { type KeyRing, trust, verifyAgreement } from '@interlock/proof';
import type { CompanyBroker } from '../company-broker.js';

/**
 * The version of an agreement that counts, verified down to the pins, with the keys of its parties. One that has ended is verified as of
 * its last moment: its log and what was sealed under it stay readable.
 */
export async function verifiedAgreement(
  company: CompanyBroker,
  id: AgreementId,
): Promise<Decision<{ readonly agreement: Agreement; readonly ring: KeyRing }>> {
  const read = await company.broker.get(`/v1/agreements/${id}/standing`, standing);
  if (!read.allowed) return read;
  const { entities, certificates, agreement } = read.value;
  if (agreement.document.id !== id) return refuse('malformed', { clause: 'agreement' });
  const ring = await trust(entities, certificates, company.pins, company.now());
  if (!ring.allowed) return ring;
  const at = Math.min(company.now(), agreement.document.endsAt - 1);
  const verified = await verifyAgreement(agreement, ring.value, company.pins, at);
  return verified.allowed ? allow({ agreement: verified.value.document, ring: ring.value }) : verified;
}
