import { type BusPlan, type ReconcileReport, reconcile } from '@interlock/bus';
import { EVERY_ORGANISATION, type Tx } from '@interlock/chassis/db';
import type { LiveLink } from '../regions/region-link.js';
import type { OperatedRegion } from '../regions/regions.js';
import { record } from '../store/evidence.store.js';
import { markCarried, type RouteRow, routesInForce } from '../store/route.store.js';
import { forgetStored, noteStored, type StoredStream, storedOfEnded } from '../store/stored-stream.store.js';
import { forgetUsers, revocationsIn } from '../store/user.store.js';
import { seconds, type Verbs } from '../verbs.js';
import { regionPlan, streamsOf } from './region-plan.js';

/** What a region was last made equal to, so that a difference found later is known to be nobody's order. */
export interface CarriedPlan {
  text: string | undefined;
}

/**
 * Makes the bus of one region carry exactly the routes in force. Replicas take turns, so that none pushes what it read before another's change.
 * @throws if the region cannot be reached or something of it failed; it is done again
 */
export async function carryRegion(verbs: Verbs, region: OperatedRegion, last: CarriedPlan): Promise<void> {
  const link = region.link.current;
  if (!link) throw new Error(`region ${region.name} cannot be reached`);
  await verbs.transactor.run(async (tx) => {
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`data-router ${region.name}`]);
    await tx.actFor(EVERY_ORGANISATION);
    await forgetUsers(tx, seconds(verbs));
    const routes = await routesInForce(tx, verbs.clock.now());
    const plan = regionPlan(region, routes, verbs.flowBytes);
    await noteStored(tx, region.name, streamsOf(region.name, routes));
    const ended = await storedOfEnded(tx, region.name);
    const report = await makeEqual(tx, verbs, region, link, plan, new Set(ended.map(({ name }) => name)));
    await tellErased(tx, verbs, region, ended, report);
    const text = JSON.stringify([plan.accounts, plan.streams]);
    if (last.text === text) await tellRepairs(tx, verbs, region, report);
    const failed = [...report.accounts.failed, ...report.streams.failed];
    if (failed.length > 0) throw new Error(`region ${region.name}: ${failed[0]?.what}: ${failed[0]?.why}`);
    last.text = text;
    const refused = new Set(plan.refused.map((one) => one.agreementId as string));
    const carried = routes.filter((route) => carries(route, region, refused));
    await markCarried(tx, region.name, carried, seconds(verbs));
  });
}

const carries = (route: RouteRow, region: OperatedRegion, refused: ReadonlySet<string>): boolean =>
  route.regions.includes(region.name) && !refused.has(route.agreementId);

async function makeEqual(
  tx: Tx,
  verbs: Verbs,
  region: OperatedRegion,
  { servers, maker }: LiveLink,
  plan: BusPlan,
  erase: ReadonlySet<string>,
): Promise<ReconcileReport> {
  const now = seconds(verbs);
  const revocations = await revocationsIn(tx, region.name, now);
  const replicas = Math.min(3, servers.count);
  const done = await reconcile({
    plan,
    keys: region.keys,
    servers,
    maker,
    replicas,
    revocations,
    erase,
    now,
  });
  if (!done.allowed) throw new Error(`the server of region ${region.name} is not used: ${done.refusal.code}`);
  for (const { agreementId, code } of plan.refused) {
    verbs.log.error({ event: 'agreement.uncompiled', agreementId, code }, 'agreement has no place on the bus');
  }
  return done.value;
}

/** What lay here under an agreement that is over is gone, whatever nobody fetched of it. Both companies see that in its log. */
async function tellErased(
  tx: Tx,
  verbs: Verbs,
  region: OperatedRegion,
  ended: readonly StoredStream[],
  { streams }: ReconcileReport,
): Promise<void> {
  const left = new Set([...streams.retained, ...streams.failed.map(({ what }) => what)]);
  const gone = ended.filter(({ name }) => !left.has(name));
  for (const log of new Set(gone.map(({ agreementId }) => agreementId))) {
    const count = gone.filter(({ agreementId }) => agreementId === log).length;
    const said = { kind: 'data.erased', outcome: 'change', at: verbs.clock.now(), code: 'ended', count } as const;
    await record(tx, verbs.ids, { log, region: region.name, ...said });
  }
  await forgetStored(
    tx,
    region.name,
    gone.map(({ name }) => name),
  );
}

/** Nothing was ordered, yet the bus was otherwise: somebody else writes there, or it lost what it had. */
async function tellRepairs(tx: Tx, verbs: Verbs, region: OperatedRegion, { streams }: ReconcileReport): Promise<void> {
  const repairs =
    streams.created.length + streams.updated.length + streams.removed.filter((one) => one.includes('/')).length;
  if (repairs === 0) return;
  await record(tx, verbs.ids, {
    log: 'operator',
    kind: 'finding',
    outcome: 'finding',
    at: verbs.clock.now(),
    region: region.name,
    code: 'bus_repaired',
    count: repairs,
  });
}
