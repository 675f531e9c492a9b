import { ReadMaterial, ReadRightStanding, type RefusalCode, type ReplyOf } from '@interlock/contracts';
import { type AgreementId, allow, type Decision, type OrganisationId, refuse } from '@interlock/domain';
import type { Verbs } from '../verbs.js';

export type Material = Extract<ReplyOf<typeof ReadMaterial>, { allowed: true }>['value'];
export type RightStanding = ReplyOf<typeof ReadRightStanding>;

/** All documents that bear on the flows of one agreement now, as registry and grants hand them out to a party. */
export interface AgreementDocuments {
  readonly material: Material;
  readonly standing: RightStanding;
}

/**
 * Reads the documents of an agreement on behalf of one of its parties. A refusal says that nothing is in force.
 * @throws a fault if registry or grants do not answer; what is routed stays as it is, until its own end at the latest
 */
export async function readAgreement(
  verbs: Verbs,
  agreementId: AgreementId,
  parties: readonly OrganisationId[],
): Promise<Decision<AgreementDocuments, RefusalCode>> {
  const [organisation] = parties;
  if (!organisation) return refuse('not_a_party');
  const key = () => ({ key: verbs.ids.next('idk') });
  const material = await verbs.requests.ask(ReadMaterial, { organisation, agreementId, only: null }, key());
  if (!material.allowed) return material;
  const standing = await verbs.requests.ask(ReadRightStanding, { organisation, agreementId }, key());
  return allow({ material: material.value, standing });
}
