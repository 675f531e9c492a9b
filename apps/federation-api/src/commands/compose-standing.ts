import { ReadMaterial, ReadRightStanding, type RefusalCode, type Standing } from '@interlock/contracts';
import { type AgreementId, allow, type Decision, type OrganisationId } from '@interlock/domain';
import type { Services } from './services.js';

/** Everything signed that bears on one agreement now, from both services that hold a part of it. */
export async function composeStanding(
  services: Services,
  organisation: OrganisationId,
  agreementId: AgreementId,
): Promise<Decision<Standing, RefusalCode>> {
  const [material, right] = await Promise.all([
    services.ask(ReadMaterial, { organisation, agreementId, only: null }),
    services.ask(ReadRightStanding, { organisation, agreementId }),
  ]);
  if (!material.allowed) return material;
  const { view, entities, certificates, acts, annexes } = material.value;
  return allow({
    agreementId,
    entities: entities.slice(0, 16),
    certificates: certificates.slice(0, 1_000),
    agreement: view.agreement,
    acts: [...acts.map((held) => held.act), ...right.acts],
    statusLists: right.statusLists,
    verdicts: right.verdicts,
    annexes: annexes.map((held) => held.annex),
    flows: right.flows,
    ...(right.proofs && { proofs: right.proofs }),
    ...(right.signals && { signals: right.signals }),
  });
}
