import type { AskOf, ReadMaterial, RefusalCode } from '@interlock/contracts';
import {
  allow,
  type Decision,
  type EntityDocument,
  type KeyCertificate,
  type OrganisationId,
  refuse,
  type Signed,
  type Thumbprint,
} from '@interlock/domain';
import { type ActRow, versionWithActs } from '../store/agreement.store.js';
import type { AnnexRow } from '../store/annex.store.js';
import { documentsNeeded } from '../store/organisation.store.js';
import type { Verbs } from '../verbs.js';
import { type AgreementView, presentAgreement } from './present-agreement.js';
import { ENDED_CERTIFICATES_KEPT } from './rings.js';

export interface Material {
  view: AgreementView;
  pins: { organisation: OrganisationId; root: Thumbprint; revision: number }[];
  entities: Signed<EntityDocument>[];
  certificates: Signed<KeyCertificate>[];
  acts: ActRow[];
  annexes: AnnexRow[];
}

/** The version of an agreement that counts now and what verifies it, told to its parties only. */
export function readMaterial(verbs: Verbs, ask: AskOf<typeof ReadMaterial>): Promise<Decision<Material, RefusalCode>> {
  return verbs.transactor.run(async (tx) => {
    await tx.actFor(ask.organisation);
    const found = await versionWithActs(tx, ask.agreementId);
    if (!found) return refuse('not_a_party');
    const { row, acts, pins, annexes } = found;
    const { only } = ask;
    const documents = await documentsNeeded(tx, {
      organisations: row.parties,
      endedBefore: verbs.clock.now() - ENDED_CERTIFICATES_KEPT,
      entities: row.document.parties.map((party) => party.entity),
      only: only && { kids: only.kids, subjects: only.subjects, witnesses: only.witnesses, ...only.gatewaysFor },
    });
    return allow({ view: presentAgreement(row), pins, acts, annexes, ...documents });
  });
}
