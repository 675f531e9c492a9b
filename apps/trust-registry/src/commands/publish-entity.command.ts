import { EVERY_ORGANISATION, type Tx } from '@interlock/chassis/db';
import { PUBLISHED, type RefusalCode } from '@interlock/contracts';
import {
  allow,
  type Decision,
  type Digest,
  type EntityDocument,
  type Instant,
  type OrganisationId,
  refuse,
  revokesAll,
  type Signed,
} from '@interlock/domain';
import { thumbprintOf, trust, type VerifiedEntity, verifyEntity } from '@interlock/proof';
import { record } from '../store/evidence.store.js';
import {
  countOrganisations,
  currentCertificates,
  dropCertificates,
  type EntityRow,
  entityVersions,
  followRoot,
  insertEntity,
  raiseRevision,
  registerOrganisation,
} from '../store/organisation.store.js';
import type { Verbs } from '../verbs.js';
import { refreshPartners } from './refresh-partners.js';

/** No organisation needs more: an entity document lives weeks. */
const MOST_VERSIONS = 200;
/** Certificates hang on one of the newest versions; older ones are to be certified again. */
const VERSIONS_SERVED = 4;

/**
 * Publishes an entity document. It proves itself: the root inside must have signed it. The first root that comes under a name keeps
 * it; later versions come from the same root, one number after the other, each naming the one before.
 */
export async function publishEntity(
  verbs: Verbs,
  entity: Signed<EntityDocument>,
): Promise<Decision<{ digest: Digest }, RefusalCode>> {
  const { document } = entity;
  const now = verbs.clock.now();
  const pins = new Map([[document.organisation, thumbprintOf(document.root)]]);
  const verified = await verifyEntity(entity, pins, now);
  if (!verified.allowed) return verified;
  // What revokes all was prepared at enrolment, and counts whenever it comes.
  if (now >= document.expiresAt && !revokesAll(document))
    return refuse('entity_expired', { clause: document.organisation });
  const { digest } = verified.value;
  const decision = await verbs.transactor.run(async (tx) => {
    await tx.actFor(EVERY_ORGANISATION);
    const fault = await numberFault(tx, verbs, verified.value, now);
    if (fault)
      return fault === 'known' ? allow({ digest, isNew: false }) : refuse(fault, { clause: document.organisation });
    await insertEntity(tx, digest, entity);
    await dropUncarried(tx, document.organisation, now);
    await raiseRevision(tx, document.organisation);
    await record(tx, verbs.ids, {
      log: 'operator',
      kind: 'entity.published',
      outcome: 'change',
      at: now,
      organisation: document.organisation,
      documents: [digest],
    });
    return allow({ digest, isNew: true });
  });
  if (!decision.allowed) return decision;
  if (decision.value.isNew) {
    verbs.news.tell(PUBLISHED, { organisation: document.organisation });
    await refreshPartners(verbs, document.organisation);
  }
  return allow({ digest });
}

async function numberFault(
  tx: Tx,
  verbs: Verbs,
  { document, digest, roots }: VerifiedEntity,
  now: Instant,
): Promise<RefusalCode | 'known' | undefined> {
  if ((await countOrganisations(tx)) > verbs.mostOrganisations) return 'rate_limited';
  const root = thumbprintOf(document.root);
  const holder = await registerOrganisation(tx, document.organisation, root, now);
  const versions = await entityVersions(tx, document.organisation);
  if (holder && versions.some((version) => version.digest === digest)) return 'known';
  if (!holder || (holder.root !== root && !roots.includes(holder.root))) return 'root_mismatch';
  const [newest] = versions;
  if (versions.length >= MOST_VERSIONS && !revokesAll(document)) return 'rate_limited';
  if (!newest) return undefined;
  const fault = revokesAll(document) ? undefined : placeFault(document, newest);
  if (fault) return fault;
  return holder.root === root || (await followRoot(tx, document.organisation, holder.root, root))
    ? undefined
    : 'root_mismatch';
}

function placeFault({ sequence, previous }: EntityDocument, newest: EntityRow): RefusalCode | undefined {
  // Nothing comes after what revokes all.
  if (sequence === newest.sequence || revokesAll(newest)) return 'entity_fork';
  if (sequence < newest.sequence) return 'version_replayed';
  return sequence === newest.sequence + 1 && previous === newest.digest ? undefined : 'reference_dangling';
}

/** A new version may retire the key that certified others; what it no longer carries would poison every ring it is served in. */
async function dropUncarried(tx: Tx, organisation: OrganisationId, now: Instant): Promise<void> {
  const versions = await entityVersions(tx, organisation);
  const [newest] = versions;
  const rows = await currentCertificates(tx, { organisations: [organisation], endedBefore: 0 });
  if (!newest || rows.length === 0) return;
  const pins = new Map([[organisation, thumbprintOf(newest.entity.document.root)]]);
  const entities = versions.map((version) => version.entity);
  // Older ones would make every standing carry the organisation's whole history.
  const served = new Set(versions.slice(0, VERSIONS_SERVED).map((version) => version.digest));
  const kept = await Promise.all(
    rows.map(async (row) =>
      served.has(row.certificate.document.entity) ? trust(entities, [row.certificate], pins, now) : undefined,
    ),
  );
  await dropCertificates(
    tx,
    rows.filter((_row, at) => !kept[at]?.allowed).map((row) => row.digest),
  );
}
