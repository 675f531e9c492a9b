import { EVERY_ORGANISATION } from '@interlock/chassis/db';
import { type Delivery, deliveryWords, type RefusalCode } from '@interlock/contracts';
import {
  allow,
  type Decision,
  type Digest,
  type OrganisationId,
  refuse,
  type Signed,
  type StatusList,
  type Verdict,
} from '@interlock/domain';
import { digestOf, verifyStatusList, verifyVerdict } from '@interlock/proof';
import { record } from '../store/evidence.store.js';
import { grantOfDigest } from '../store/grant.store.js';
import { keepStatusList, keepVerdict } from '../store/standing.store.js';
import type { Verbs } from '../verbs.js';
import { pinsOf, readMaterial } from './material.js';

/** Takes a company's own verdict about a grant and hands it to the gateways that will ask for it. */
export async function handInVerdict(
  verbs: Verbs,
  organisation: OrganisationId,
  verdict: Signed<Verdict>,
): Promise<Decision<{ digest: Digest }, RefusalCode>> {
  const grant = await verbs.transactor.run(async (tx) => {
    await tx.actFor(organisation);
    return grantOfDigest(tx, verdict.document.grant);
  });
  if (!grant?.parties.includes(verdict.document.organisation)) return refuse('not_a_party');
  const material = await readMaterial(verbs, organisation, grant.agreementId, { blocks: verdict.signatures });
  if (!material.allowed) return material;
  const now = verbs.clock.now();
  const ring = await verbs.rings.of(material.value.entities, material.value.certificates, pinsOf(material.value), now);
  if (!ring.allowed) return ring;
  const verified = await verifyVerdict(verdict, ring.value, now);
  if (!verified.allowed) return verified;
  const digest = digestOf(verdict.document);
  await verbs.transactor.run(async (tx) => {
    await tx.actFor(EVERY_ORGANISATION);
    if (!(await keepVerdict(tx, verdict, digest, grant.agreementId, grant.parties))) return;
    const { organisation: of, kind, outcome } = verdict.document;
    await record(tx, verbs.ids, {
      ...{ log: grant.agreementId, kind: 'verdict.taken', at: now, organisation: of, code: kind },
      // That a company judged is for both; what it said is its own.
      ...{ belongsTo: of, explanation: outcome },
      ...{ outcome: 'change', grant: grant.digest, documents: [digest, grant.digest] },
    });
  });
  const frame: Delivery = { d: 'frame', frame: { t: 'verdict', verdict } as { t: string } };
  verbs.news.deliver(deliveryWords(grant.owner, 'gateway'), frame);
  return allow({ digest });
}

/** Keeps the newest status list of a party for whoever connects later. */
export async function takeStatusList(
  verbs: Verbs,
  organisation: OrganisationId,
  list: Signed<StatusList>,
): Promise<Decision<{ digest: Digest }, RefusalCode>> {
  const { document } = list;
  if (document.organisation !== organisation) return refuse('wrong_issuer');
  const material = await readMaterial(verbs, organisation, document.agreementId, { blocks: list.signatures });
  if (!material.allowed) return material;
  const now = verbs.clock.now();
  const ring = await verbs.rings.of(material.value.entities, material.value.certificates, pinsOf(material.value), now);
  if (!ring.allowed) return ring;
  const verified = await verifyStatusList(list, ring.value, organisation, now);
  if (!verified.allowed) return verified;
  const parties = material.value.view.agreement.document.parties.map((party) => party.organisation);
  await verbs.transactor.run(async (tx) => {
    await tx.actFor(EVERY_ORGANISATION);
    await keepStatusList(tx, list, verified.value.digest, parties);
  });
  return allow({ digest: verified.value.digest });
}
