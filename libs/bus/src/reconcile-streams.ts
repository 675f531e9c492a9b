import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  DiscardPolicy,
  type JetStreamManager,
  ReplayPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import { MAX_PAYLOAD_BYTES } from './account-claims.js';
import type { BusDurable, BusPlan, BusStream } from './bus-plan.js';
import { inParallel } from './in-parallel.js';

/** Names of streams and `stream/durable`, by what was done with them. */
export interface StreamChanges {
  readonly created: string[];
  readonly updated: string[];
  readonly kept: string[];
  readonly removed: string[];
  /** No longer in the plan, but with messages that are still owed: retention or an erasure ends them, not this pass. */
  readonly retained: string[];
  readonly failed: { readonly what: string; readonly why: string }[];
}

const WIDTH = 8;
const NANOS = 1_000_000_000;

export const noStreamChanges = (): StreamChanges => ({
  created: [],
  updated: [],
  kept: [],
  removed: [],
  retained: [],
  failed: [],
});

/** A full stream refuses: what was accepted is not dropped to make room. */
function streamConfig(stream: BusStream, replicas: number): Partial<StreamConfig> & { name: string } {
  return {
    name: stream.name,
    subjects: [stream.subject],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    max_bytes: stream.maxBytes,
    max_age: stream.retentionSeconds * NANOS,
    max_msg_size: MAX_PAYLOAD_BYTES,
    duplicate_window: Math.min(stream.retentionSeconds, 120) * NANOS,
    num_replicas: replicas,
  };
}

/** Nothing here can be chosen by the recipient: not the filter, not where messages are delivered. */
function durableConfig(durable: BusDurable): Partial<ConsumerConfig> & { name: string } {
  return {
    name: durable.name,
    durable_name: durable.name,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    replay_policy: ReplayPolicy.Instant,
    filter_subjects: [durable.filterSubject],
    ack_wait: 30 * NANOS,
    max_ack_pending: 1024,
    max_waiting: 64,
    max_batch: 256,
    max_expires: 60 * NANOS,
  };
}

/** Whether the server's configuration says the same in every member that we set. */
const holds = (found: object, wanted: object): boolean =>
  Object.entries(wanted).every(([name, value]) => JSON.stringify(Reflect.get(found, name)) === JSON.stringify(value));

async function readStreams(manager: JetStreamManager): Promise<Map<string, StreamInfo>> {
  const found = new Map<string, StreamInfo>();
  for await (const info of manager.streams.list()) found.set(info.config.name, info);
  return found;
}

async function readDurables(manager: JetStreamManager, stream: string): Promise<Map<string, ConsumerConfig>> {
  const found = new Map<string, ConsumerConfig>();
  for await (const info of manager.consumers.list(stream)) found.set(info.name, info.config);
  return found;
}

/** The server hands a single filter back in another member than it was given in. */
const normal = (config: ConsumerConfig): ConsumerConfig =>
  config.filter_subject === undefined ? config : { ...config, filter_subjects: [config.filter_subject] };

async function settleDurables(manager: JetStreamManager, stream: BusStream, changes: StreamChanges): Promise<void> {
  const found = await readDurables(manager, stream.name);
  const wanted = new Set(stream.durables.map(({ name }) => name));
  for (const name of found.keys()) {
    if (wanted.has(name)) continue;
    await manager.consumers.delete(stream.name, name);
    changes.removed.push(`${stream.name}/${name}`);
  }
  for (const durable of stream.durables) {
    const config = durableConfig(durable);
    const held = found.get(durable.name);
    const label = `${stream.name}/${durable.name}`;
    if (held !== undefined && holds(normal(held), config)) continue;
    if (held === undefined) await manager.consumers.add(stream.name, config);
    else await manager.consumers.update(stream.name, durable.name, { ...config, filter_subject: undefined });
    (held === undefined ? changes.created : changes.updated).push(label);
  }
}

/** Makes the region account hold every stream and durable of the plan. */
export async function settleStreams(
  manager: JetStreamManager,
  plan: BusPlan,
  replicas: number,
  changes: StreamChanges,
): Promise<ReadonlyMap<string, StreamInfo>> {
  const found = await readStreams(manager);
  const settle = async (stream: BusStream): Promise<void> => {
    const config = streamConfig(stream, replicas);
    const held = found.get(stream.name);
    if (held === undefined) {
      await manager.streams.add(config);
      changes.created.push(stream.name);
    } else if (holds(held.config, config)) {
      changes.kept.push(stream.name);
    } else {
      await manager.streams.update(stream.name, config);
      changes.updated.push(stream.name);
    }
    await settleDurables(manager, stream, changes);
  };
  const failed = ({ name }: BusStream, fault: unknown): void => {
    changes.failed.push({ what: name, why: String(fault) });
  };
  await inParallel(plan.streams, WIDTH, settle, failed);
  return found;
}

/**
 * Removes streams that the plan does not hold: those that are empty, and those named in `erase`. Suspending or ending
 * an agreement stops use and not duties (trust-model section 5), so anything else is only reported.
 */
export async function removeStreams(
  manager: JetStreamManager,
  plan: BusPlan,
  found: ReadonlyMap<string, StreamInfo>,
  erase: ReadonlySet<string>,
  changes: StreamChanges,
): Promise<void> {
  const wanted = new Set(plan.streams.map(({ name }) => name));
  const orphans = [...found.keys()].filter((name) => !wanted.has(name));
  const settle = async (name: string): Promise<void> => {
    const { state } = await manager.streams.info(name);
    if (state.messages > 0 && !erase.has(name)) {
      changes.retained.push(name);
      return;
    }
    await manager.streams.delete(name);
    changes.removed.push(name);
  };
  await inParallel(orphans, WIDTH, settle, (what, fault) => changes.failed.push({ what, why: String(fault) }));
}
