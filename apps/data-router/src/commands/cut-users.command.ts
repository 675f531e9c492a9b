import { type BusAccount, cutUser } from '@interlock/bus';
import { EVERY_ORGANISATION } from '@interlock/chassis/db';
import type { LiveLink } from '../regions/region-link.js';
import type { OperatedRegion } from '../regions/regions.js';
import { routesInForce } from '../store/route.store.js';
import { cutIsDone, owedCuts, revocationsIn } from '../store/user.store.js';
import { seconds, type Verbs } from '../verbs.js';
import { regionPlan } from './region-plan.js';

/**
 * Pays every cut that is owed: each user's connections are closed and its key is dead on the bus. What cannot be done now stays owed.
 * @throws if a region cannot be reached or did not do it; the JWT of who is left ends by itself within 15 minutes
 */
export async function cutUsers(verbs: Verbs): Promise<void> {
  const done = await Promise.allSettled([...verbs.regions.all.values()].map((region) => cutIn(verbs, region)));
  const failed = done.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}

async function cutIn(verbs: Verbs, region: OperatedRegion): Promise<void> {
  const now = seconds(verbs);
  const owed = await verbs.transactor.run(async (tx) => {
    await tx.actFor(EVERY_ORGANISATION);
    const users = await owedCuts(tx, region.name, now);
    if (users.length === 0) return undefined;
    return {
      users,
      revocations: await revocationsIn(tx, region.name, now),
      routes: await routesInForce(tx, verbs.clock.now()),
    };
  });
  if (!owed) return;
  const link = region.link.current;
  if (!link) throw new Error(`region ${region.name} cannot be reached, ${owed.users.length} cuts are owed`);
  const plan = regionPlan(region, owed.routes, verbs.flowBytes);
  const accounts = new Map<string, string[]>();
  for (const { account, userKey } of owed.users) accounts.set(account, [...(accounts.get(account) ?? []), userKey]);
  await Promise.all(
    [...accounts].map(async ([name, users]) => {
      const account = plan.accounts.find((one) => one.name === name) ?? withNothing(region, name);
      // One at a time: each pushes the same account.
      for (const userKey of users) {
        await cutOne(verbs, region, link, { account, userKey, revocations: owed.revocations[name] ?? {} });
      }
    }),
  );
}

/** An account that has left the plan: until the reconciler retires it, it imports nothing. */
const withNothing = (region: OperatedRegion, name: string): BusAccount => ({
  name,
  publicKey: region.keys.accountKeys(name).publicKey,
  imports: [],
});

async function cutOne(
  verbs: Verbs,
  region: OperatedRegion,
  link: LiveLink,
  { account, userKey, revocations }: { account: BusAccount; userKey: string; revocations: Record<string, number> },
): Promise<void> {
  const now = seconds(verbs);
  const report = await cutUser({ servers: link.servers, keys: region.keys, account, userKey, revocations, now });
  if (!report.gone) throw new Error(`a user of region ${region.name} came back after its cut`);
  verbs.log.info({ event: 'user.cut', context: region.name, count: report.kicked }, 'bus user cut');
  await verbs.transactor.run(async (tx) => {
    await tx.actFor(EVERY_ORGANISATION);
    await cutIsDone(tx, { region: region.name, account: account.name, userKey }, now);
  });
}
