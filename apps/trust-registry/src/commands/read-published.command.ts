import type { Tx } from '@interlock/chassis/db';
import { EVERY_ORGANISATION } from '@interlock/chassis/db';
import type { RefusalCode } from '@interlock/contracts';
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
import {
  currentCertificates,
  entitiesNeeded,
  findOrganisations,
  organisationOfRoot,
} from '../store/organisation.store.js';
import { revokedKeys } from '../store/revoked.store.js';
import type { Verbs } from '../verbs.js';
import { ENDED_CERTIFICATES_KEPT } from './rings.js';

export interface Published {
  entities: Signed<EntityDocument>[];
  certificates: Signed<KeyCertificate>[];
}

/** What the organisation of a root publishes. An unknown root gets the answer that everything unknown gets. */
export function readPublished(verbs: Verbs, root: Thumbprint): Promise<Decision<Published, RefusalCode>> {
  return verbs.transactor.run(async (tx) => {
    await tx.actFor(EVERY_ORGANISATION);
    const known = await organisationOfRoot(tx, root);
    return known ? allow(await publishedBy(tx, known.organisation, verbs.clock.now())) : refuse('not_a_party');
  });
}

/** What a caller of an organisation is verified with. */
export function readKeys(verbs: Verbs, organisation: OrganisationId) {
  return verbs.transactor.run(async (tx) => {
    await tx.actFor(organisation);
    const [known] = await findOrganisations(tx, [organisation]);
    if (!known) return { keys: null };
    const published = await publishedBy(tx, organisation, verbs.clock.now());
    const revoked = await revokedKeys(tx, organisation);
    return { keys: { ...published, root: known.root, revision: known.revision, revoked } };
  });
}

async function publishedBy(tx: Tx, organisation: OrganisationId, now: Instant): Promise<Published> {
  const rows = await currentCertificates(tx, {
    organisations: [organisation],
    endedBefore: now - ENDED_CERTIFICATES_KEPT,
  });
  const certificates = rows.map((row) => row.certificate);
  const entities = await entitiesNeeded(
    tx,
    [organisation],
    certificates.map((certificate) => certificate.document.entity),
  );
  return { entities: entities.map((row) => row.entity), certificates };
}
