import { append } from '@interlock/chassis/db';
import { CertificatesPublished, PUBLISHED, type RefusalCode } from '@interlock/contracts';
import { allow, type Decision, type KeyCertificate, type OrganisationId, refuse, type Signed } from '@interlock/domain';
import { digestOf, thumbprintOf, trust } from '@interlock/proof';
import { currentCertificates, entitiesNeeded, keepCertificate, raiseRevision } from '../store/organisation.store.js';
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
  const now = verbs.clock.now();
  if (certificates.some(({ document }) => document.organisation !== organisation)) return refuse('wrong_issuer');
  const decision = await verbs.transactor.run(async (tx): Promise<Decision<{ published: number }, RefusalCode>> => {
    await tx.actFor(organisation);
    const pins = await pinsOf(tx, [organisation]);
    const entities = await entitiesNeeded(
      tx,
      [organisation],
      certificates.map(({ document }) => document.entity),
    );
    const ring = await trust(
      entities.map((row) => row.entity),
      certificates,
      pins,
      now,
    );
    if (!ring.allowed) return ring;
    const held = await currentCertificates(tx, { organisations: [organisation], endedBefore: now });
    if (held.length + certificates.length > MOST_CURRENT + 256) return refuse('too_large', { clause: 'certificates' });
    const fresh: Signed<KeyCertificate>[] = [];
    for (const certificate of certificates) {
      const kept = await keepCertificate(
        tx,
        digestOf(certificate.document),
        thumbprintOf(certificate.document.key),
        certificate,
      );
      if (kept) fresh.push(certificate);
    }
    if (fresh.length === 0) return allow({ published: 0 });
    await raiseRevision(tx, organisation);
    await append(tx, CertificatesPublished, verbs.ids.next('evt'), announcement(organisation, fresh));
    return allow({ published: fresh.length });
  });
  if (decision.allowed && decision.value.published > 0) {
    verbs.news.tell(PUBLISHED, { organisation });
    await refreshPartners(verbs, organisation);
  }
  return decision;
}

const announcement = (organisation: OrganisationId, fresh: readonly Signed<KeyCertificate>[]) => ({
  organisation,
  digests: fresh.map(({ document }) => digestOf(document)),
  witnesses: fresh
    .filter(({ document }) => document.purposes.includes('witness'))
    .map(({ document: { holder, key, notBefore, notAfter } }) => ({ id: holder.id, key, notBefore, notAfter })),
});
