import { allow, type Decision, type EpochSeconds } from '@interlock/domain';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { askVarz, type BusServers } from './ask-servers.js';
import type { BusPlan, BusRevocations } from './bus-plan.js';
import { type BusServerRefusal, checkServerVersion } from './check-server-version.js';
import { type AccountChanges, noAccountChanges, pushAccounts, retireAccounts } from './reconcile-accounts.js';
import { noStreamChanges, removeStreams, type StreamChanges, settleStreams } from './reconcile-streams.js';
import type { RegionKeys } from './region-keys.js';

export interface ReconcileAsk {
  readonly plan: BusPlan;
  readonly keys: RegionKeys;
  readonly servers: BusServers;
  /** A connection as the broker's stream maker in the region account. */
  readonly maker: NatsConnection;
  /** Copies of each stream: 1, or 3 in a cluster. */
  readonly replicas: number;
  readonly revocations: BusRevocations;
  /** Streams outside the plan whose content may be destroyed now, because retention or both companies said so. */
  readonly erase: ReadonlySet<string>;
  readonly now: EpochSeconds;
}

export interface ReconcileReport {
  readonly accounts: AccountChanges;
  readonly streams: StreamChanges;
}

/**
 * Makes the bus of one region equal to the plan: rights that ended go first, then streams and durables, then accounts.
 * A crash anywhere leaves less than the plan or parts of it, never more; calling it again goes on, and a call that
 * finds everything as planned changes nothing. What failed stands in the report beside what was done.
 *
 * @throws if a server does not answer
 */
export async function reconcile(ask: ReconcileAsk): Promise<Decision<ReconcileReport, BusServerRefusal>> {
  const { plan, keys, servers, now } = ask;
  for (const varz of await askVarz(servers)) {
    const version = checkServerVersion(varz);
    if (!version.allowed) return version;
  }
  const report = { accounts: noAccountChanges(), streams: noStreamChanges() };
  const known = await retireAccounts(servers, plan, keys, now, report.accounts);
  const manager = await jetstreamManager(ask.maker, { checkAPI: false });
  const found = await settleStreams(manager, plan, ask.replicas, report.streams);
  await pushAccounts(servers, plan, keys, ask.revocations, { known, now }, report.accounts);
  await removeStreams(manager, plan, found, ask.erase, report.streams);
  return allow(report);
}
