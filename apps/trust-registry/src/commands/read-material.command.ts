import { EVERY_ORGANISATION, type Tx } from '@interlock/chassis/db';
import type { AskOf, ReadMaterial, RefusalCode } from '@interlock/contracts';
import {
  allow,
  type Decision,
  type EntityDocument,
  type Instant,
  type KeyCertificate,
  type OrganisationId,
  refuse,
  type Signed,
  type Thumbprint,
} from '@interlock/domain';
import { type ActRow, type AgreementRow, actsOn, versionThatCounts } from '../store/agreement.store.js';
import {
  type CertificateRow,
  certificatesForChain,
  currentCertificates,
  entitiesNeeded,
  findOrganisations,
} from '../store/organisation.store.js';
import type { Verbs } from '../verbs.js';
import { type AgreementView, presentAgreement } from './present-agreement.js';
import { ENDED_CERTIFICATES_KEPT } from './rings.js';

export interface Material {
  view: AgreementView;
  pins: { organisation: OrganisationId; root: Thumbprint; revision: number }[];
  entities: Signed<EntityDocument>[];
  certificates: Signed<KeyCertificate>[];
  acts: ActRow[];
}

/** The version of an agreement that counts now and what verifies it, told to its parties only. */
export function readMaterial(verbs: Verbs, ask: AskOf<typeof ReadMaterial>): Promise<Decision<Material, RefusalCode>> {
  return verbs.transactor.run(async (tx) => {
    await tx.actFor(ask.organisation);
    const row = await versionThatCounts(tx, ask.agreementId);
    if (!row) return refuse('not_a_party');
    await tx.actFor(EVERY_ORGANISATION);
    const certificates = (await certificatesOf(tx, row, ask.only, verbs.clock.now())).map((one) => one.certificate);
    const named = [
      ...certificates.map((one) => one.document.entity),
      ...row.document.parties.map((party) => party.entity),
    ];
    const entities = await entitiesNeeded(tx, row.parties, named);
    return allow({
      view: presentAgreement(row),
      pins: [...(await findOrganisations(tx, row.parties))],
      entities: entities.map((one) => one.entity),
      certificates,
      acts: await actsOn(tx, row.id),
    });
  });
}

function certificatesOf(
  tx: Tx,
  row: AgreementRow,
  only: AskOf<typeof ReadMaterial>['only'],
  now: Instant,
): Promise<CertificateRow[]> {
  const endedBefore = now - ENDED_CERTIFICATES_KEPT;
  const signed = row.document.parties.map((party) => party.organisation);
  if (!only) return currentCertificates(tx, { organisations: signed, endedBefore });
  return certificatesForChain(tx, {
    organisations: signed,
    kids: only.kids,
    subjects: only.subjects,
    owner: only.gatewaysFor.owner,
    resources: only.gatewaysFor.resources,
    endedBefore,
  });
}
