import { append, EVERY_ORGANISATION, type Tx } from '@interlock/chassis/db';
import { FlowRouted } from '@interlock/contracts';
import { type AgreementId, type Instant, loggedReason, type Monotonic, type Refusal } from '@interlock/domain';
import { type AgreementRow, agreementsToRead, lockAgreement, revokedUnder, wasRead } from '../store/agreement.store.js';
import { record } from '../store/evidence.store.js';
import {
  bare,
  forgetRefusal,
  keepRefusal,
  keepRoute,
  type Route,
  type RouteRow,
  routesUnder,
} from '../store/route.store.js';
import { noteRetrievalOver } from '../store/stored-stream.store.js';
import type { Verbs } from '../verbs.js';
import { type Judged, type Judgement, judgeFlows } from './judge-flows.js';
import { readAgreement } from './read-agreement.js';
import { unroute } from './unroute.js';

const AT_ONCE = 20;
/** An agreement without a route can lose none: it is looked at this many times less often when there is no news. */
const WITHOUT_ROUTE = 10;

/** Agreements that could not be judged, and until when they rest (monotonic milliseconds). */
export type Resting = Map<AgreementId, Monotonic>;
const REST = 2_000;

/**
 * Reads and judges again every agreement that news was heard of or whose time has come. Returns whether there may be more.
 * One that cannot be judged now keeps its routes, until their own end at the latest, and holds up no other.
 */
export async function refreshAgreements(verbs: Verbs, resting: Resting): Promise<boolean> {
  for (const [id, until] of resting) if (until <= verbs.clock.monotonic()) resting.delete(id);
  const due = await verbs.transactor.run(async (tx) => {
    await tx.actFor(EVERY_ORGANISATION);
    return agreementsToRead(tx, verbs.clock.now(), AT_ONCE, [...resting.keys()]);
  });
  await Promise.all(
    due.map(async (row) => {
      try {
        await refreshAgreement(verbs, row);
      } catch (thrown) {
        resting.set(row.id, verbs.clock.monotonic() + REST);
        const said = { event: 'agreement.unread', agreementId: row.id, err: thrown };
        verbs.log.warn(said, 'agreement cannot be judged now');
      }
    }),
  );
  return due.length === AT_ONCE;
}

async function refreshAgreement(verbs: Verbs, heard: AgreementRow): Promise<void> {
  const documents = await readAgreement(verbs, heard.id, heard.parties);
  const now = verbs.clock.now();
  const judgement: Judgement = documents.allowed
    ? await judgeFlows(documents.value, verbs.regions.all, now)
    : { flows: [], retrievalUntil: undefined, embargoed: new Map(), over: true, changesAt: Number.MAX_SAFE_INTEGER };
  await verbs.transactor.run(async (tx) => {
    await tx.actFor(EVERY_ORGANISATION);
    const row = await lockAgreement(tx, heard.id);
    // News that came while the documents were read: what was read may be older than it. The next run reads again.
    if (!row || row.revision !== heard.revision) return;
    await settle(tx, verbs, row, judgement);
    await noteRetrievalOver(tx, row.id, judgement.retrievalOver === true);
    const status = documents.allowed ? documents.value.material.view.status : 'ended';
    const routed = judgement.flows.some(({ route }) => route.allowed);
    const rest = verbs.checkEveryMs * (routed ? 1 : WITHOUT_ROUTE);
    await wasRead(tx, row, status, Math.min(judgement.changesAt, now + rest));
  });
}

async function settle(tx: Tx, verbs: Verbs, row: AgreementRow, judgement: Judgement): Promise<void> {
  const { flows, retrievalUntil } = judgement;
  const revoked = await revokedUnder(tx, row.id);
  const judged = flows.filter(({ grant }) => !revoked.has(grant.id));
  const before = await routesUnder(tx, row.id);
  for (const route of before) {
    const still = judged.find(({ grant }) => grant.id === route.grant);
    await settleRoute(tx, verbs, route, still, judgement);
  }
  for (const one of judged) {
    if (retrievalUntil !== undefined && !one.route.allowed) continue;
    if (one.route.allowed) await routed(tx, verbs, one.route.value);
    else await refused(tx, verbs, row, one, one.route.refusal);
  }
}

async function settleRoute(
  tx: Tx,
  verbs: Verbs,
  route: RouteRow,
  still: Judged | undefined,
  { retrievalUntil, embargoed, over }: Judgement,
): Promise<void> {
  const end = (why: Refusal) => unroute(tx, verbs, [route.grant], why);
  if (over) return end({ code: 'agreement_over' });
  const blockedBy = embargoed.get(route.grantDigest);
  if (blockedBy) return end({ code: 'embargo_blocked', clause: `embargo ${blockedBy}` });
  if (retrievalUntil !== undefined) return drained(tx, verbs, route, retrievalUntil);
  if (still?.route.allowed) {
    if (!route.drain && narrowed(route, still.route.value)) await end({ code: 'version_superseded' });
    return;
  }
  // A drain ends with what it is owed for, and by nothing that one side does.
  if (route.drain && verbs.clock.now() < route.endsAt) return;
  await end(still && !still.route.allowed ? still.route.refusal : { code: 'taken_away' });
}

/** What was carried when the agreement ended is fetched to the end of retrieval; whoever published is cut in the same transaction. */
async function drained(tx: Tx, verbs: Verbs, route: RouteRow, until: Instant): Promise<void> {
  const endsAt = route.drain ? Math.min(route.endsAt, until) : until;
  if (route.drain && route.endsAt === endsAt) return;
  await unroute(tx, verbs, [route.grant], { code: 'agreement_over' });
  await keepRoute(tx, { ...bare(route), drain: true, endsAt });
}

/** Whether somebody who had a right under the old route has none under the new one, or one of another agreement version. */
function narrowed(old: Route, now: Route): boolean {
  const lost = <T>(before: readonly T[], after: readonly T[]): boolean => before.some((one) => !after.includes(one));
  return (
    old.agreement !== now.agreement ||
    lost(old.gateways, now.gateways) ||
    lost(old.recipients, now.recipients) ||
    lost(old.regions, now.regions) ||
    old.retentionSeconds !== now.retentionSeconds
  );
}

async function routed(tx: Tx, verbs: Verbs, route: Route): Promise<void> {
  await forgetRefusal(tx, route.grant);
  if (!(await keepRoute(tx, route))) return;
  await append(tx, FlowRouted, verbs.ids.next('evt'), {
    grant: route.grant,
    agreementId: route.agreementId,
    regions: [...route.regions],
    gateways: [...route.gateways],
    recipients: [...route.recipients],
  });
}

/** Not yet, or no longer, is no finding; anything else is, once for each reason. */
const BY_TIME = ['outside_window', 'agreement_over', 'agreement_not_yet_effective', 'taken_away'];

async function refused(tx: Tx, verbs: Verbs, row: AgreementRow, { grant }: Judged, why: Refusal): Promise<void> {
  if (BY_TIME.includes(why.code) || !(await keepRefusal(tx, grant.id, why.code))) return;
  await record(tx, verbs.ids, {
    log: row.id,
    kind: 'flow.refused',
    outcome: 'deny',
    at: verbs.clock.now(),
    agreement: grant.agreement,
    session: grant.id,
    resource: grant.resources[0] ?? null,
    ...loggedReason(why),
  });
}
