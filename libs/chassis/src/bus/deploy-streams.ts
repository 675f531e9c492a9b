import { STREAMS, type StreamDef } from '@interlock/contracts';
import { DiscardPolicy, jetstreamManager, RetentionPolicy, StorageType, type StreamInfo } from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';

const NOT_FOUND = 404;

/**
 * The deploy step: makes every stream of the list exist as declared, on disk. Safe to run again and by two at once.
 * `servers` is how many servers the cluster has; a stream asks for no more copies than that.
 */
export async function deployStreams(bus: NatsConnection, servers = 1, streams = STREAMS): Promise<void> {
  const manager = await jetstreamManager(bus);
  for (const stream of streams) {
    const settings = {
      subjects: [...stream.subjects],
      max_age: nanos(stream.keepDays * 86_400_000),
      duplicate_window: nanos(stream.duplicateWindowSeconds * 1_000),
      num_replicas: Math.min(stream.replicas, servers),
      discard: DiscardPolicy.Old,
    };
    if (await findStream(bus, stream)) await manager.streams.update(stream.name, settings);
    else {
      await manager.streams.add({
        name: stream.name,
        storage: StorageType.File,
        retention: RetentionPolicy.Limits,
        ...settings,
      });
    }
  }
}

/** The stream as the server has it, or undefined if it was never deployed. */
export async function findStream(
  bus: NatsConnection,
  stream: Pick<StreamDef, 'name'>,
): Promise<StreamInfo | undefined> {
  const manager = await jetstreamManager(bus, { checkAPI: false });
  try {
    return await manager.streams.info(stream.name);
  } catch (thrown) {
    if (thrown instanceof Error && 'status' in thrown && thrown.status === NOT_FOUND) return undefined;
    throw thrown;
  }
}
