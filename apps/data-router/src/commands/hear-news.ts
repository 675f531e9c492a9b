import type { Tx } from '@interlock/chassis/db';
import { EVERY_ORGANISATION } from '@interlock/chassis/db';
import type { AgreementId, Digest, GrantId, OrganisationId } from '@interlock/domain';
import { findAgreement, heardAgain, heardOf, heardOfParty, keepRevoked, setStatus } from '../store/agreement.store.js';
import { routesUnder } from '../store/route.store.js';
import type { Verbs } from '../verbs.js';
import { unroute } from './unroute.js';

/** A version came into force: routes of the one before end now; those of this one are judged from its documents. */
export async function hearActivated(
  tx: Tx,
  verbs: Verbs,
  news: { id: AgreementId; digest: Digest; parties: readonly OrganisationId[] },
): Promise<void> {
  await tx.actFor(EVERY_ORGANISATION);
  await heardOf(tx, news.id, news.parties);
  const old = (await routesUnder(tx, news.id)).filter((route) => route.agreement !== news.digest);
  await unroute(
    tx,
    verbs,
    old.map((route) => route.grant),
    { code: 'version_superseded' },
  );
}

/** What narrows is done at once and waits for no document; what widens is only news. */
export async function hearStatus(
  tx: Tx,
  verbs: Verbs,
  news: { id: AgreementId; status: 'active' | 'suspended' | 'terminating' | 'ended' },
): Promise<void> {
  await tx.actFor(EVERY_ORGANISATION);
  await heardAgain(tx, news.id);
  if (news.status === 'active' || news.status === 'terminating') return;
  if (!(await findAgreement(tx, news.id))) return;
  await setStatus(tx, news.id, news.status);
  const routes = await routesUnder(tx, news.id);
  const code = news.status === 'ended' ? 'agreement_over' : 'taken_away';
  await unroute(
    tx,
    verbs,
    routes.map((route) => route.grant),
    { code },
  );
}

export async function hearGranted(
  tx: Tx,
  news: { agreementId: AgreementId; kind: string; parties: readonly OrganisationId[] },
): Promise<void> {
  if (news.kind !== 'data-collection') return;
  await tx.actFor(EVERY_ORGANISATION);
  await heardOf(tx, news.agreementId, news.parties);
}

export async function hearRevoked(
  tx: Tx,
  verbs: Verbs,
  news: { id: GrantId; agreementId: AgreementId },
): Promise<void> {
  await tx.actFor(EVERY_ORGANISATION);
  await keepRevoked(tx, news.id, news.agreementId);
  await heardAgain(tx, news.agreementId);
  await unroute(tx, verbs, [news.id], { code: 'taken_away' });
}

/** Keys of an organisation changed: gateways may have come, gone or been revoked. */
export async function hearKeys(tx: Tx, organisation: OrganisationId): Promise<void> {
  await tx.actFor(EVERY_ORGANISATION);
  await heardOfParty(tx, organisation);
}
