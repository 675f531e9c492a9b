import { append, type Tx } from '@interlock/chassis/db';
import { CertificatesPublished, PUBLISHED, type RefusalCode } from '@interlock/contracts';
import { allow, type Decision, type KeyCertificate, type OrganisationId, refuse, type Signed } from '@interlock/domain';
import { digestOf, thumbprintOf, trust } from '@interlock/proof';
import { record } from '../store/evidence.store.js';
import { currentCertificates, entitiesNeeded, keepCertificates, raiseRevision } from '../store/organisation.store.js';
import type { Verbs } from '../verbs.js';
import { refreshPartners } from './refresh-partners.js';
import { pinsOf } from './rings.js';

/** No organisation needs more keys at a time than partners take in one standing. */
const MOST_CURRENT = 1_000;

/** Publishes certificates of the caller's own organisation, all of them or none. Publishing one again changes nothing. */
export async function publishCertificates(
  verbs: Verbs,
  organisation: OrganisationId,
  certificates: readonly Signed<KeyCertificate>[],
): Promise<Decision<{ published: number }, RefusalCode>> {
  if (certificates.some(({ document }) => document.organisation !== organisation)) return refuse('wrong_issuer');
  const decision = await verbs.transactor.run(async (tx) => {
    await tx.actFor(organisation);
    return keep(tx, verbs, organisation, certificates);
  });
  if (decision.allowed && decision.value.published > 0) {
    verbs.news.tell(PUBLISHED, { organisation });
    await refreshPartners(verbs, organisation);
  }
  return decision;
}

async function keep(
  tx: Tx,
  verbs: Verbs,
  organisation: OrganisationId,
  certificates: readonly Signed<KeyCertificate>[],
): Promise<Decision<{ published: number }, RefusalCode>> {
  const now = verbs.clock.now();
  const named = certificates.map(({ document }) => document.entity);
  const entities = (await entitiesNeeded(tx, [organisation], named)).map((row) => row.entity);
  const ring = await trust(entities, certificates, await pinsOf(tx, [organisation]), now);
  if (!ring.allowed) return ring;
  const held = await currentCertificates(tx, { organisations: [organisation], endedBefore: now });
  if (held.length >= MOST_CURRENT) return refuse('too_large', { clause: 'certificates' });
  const rows = certificates.map((certificate) => ({
    digest: digestOf(certificate.document),
    kid: thumbprintOf(certificate.document.key),
    certificate,
  }));
  const kept = new Set(await keepCertificates(tx, rows));
  const fresh = rows.filter((row) => kept.has(row.digest)).map((row) => row.certificate);
  if (fresh.length === 0) return allow({ published: 0 });
  await raiseRevision(tx, organisation);
  await append(tx, CertificatesPublished, verbs.ids.next('evt'), announcement(organisation, fresh));
  await recordPublished(tx, verbs, organisation, fresh);
  return allow({ published: fresh.length });
}

/** As many as one record may name. */
const NAMED = 64;

/** Of the company and not of one agreement, so it stands in the operator's log. */
async function recordPublished(
  tx: Tx,
  verbs: Verbs,
  organisation: OrganisationId,
  fresh: readonly Signed<KeyCertificate>[],
): Promise<void> {
  const digests = fresh.map(({ document }) => digestOf(document));
  for (let from = 0; from < digests.length; from += NAMED) {
    const documents = digests.slice(from, from + NAMED);
    await record(tx, verbs.ids, {
      ...{ log: 'operator', kind: 'certificates.published', outcome: 'change', at: verbs.clock.now() },
      ...{ organisation, documents, count: documents.length },
    });
  }
}

const announcement = (organisation: OrganisationId, fresh: readonly Signed<KeyCertificate>[]) => ({
  organisation,
  digests: fresh.map(({ document }) => digestOf(document)),
  witnesses: fresh
    .filter(({ document }) => document.purposes.includes('witness'))
    .map(({ document: { holder, key, notBefore, notAfter } }) => ({ id: holder.id, key, notBefore, notAfter })),
});
