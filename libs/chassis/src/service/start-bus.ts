import { DEPLOYS_STREAMS, STREAMS } from '@interlock/contracts';
import type { NatsConnection } from '@nats-io/transport-node';
import { connectToBus } from '../bus/connect.js';
import { deployStreams, findStream } from '../bus/deploy-streams.js';
import { publishFacts } from '../bus/publish-facts.js';
import { lonelyConnection } from '../db/data-source.js';
import { OutboxRelay } from '../db/relay.js';
import type { Log } from '../log/logger.js';
import type { ServiceDefinition } from './define-service.js';
import type { Bench, Parts } from './parts.js';
import { schemaOf } from './start-database.js';

/** Connects to the internal bus, runs the deploy step where this service is it, and watches connection and streams. */
export async function startBus(
  definition: Pick<ServiceDefinition, 'name'>,
  address: { readonly url: string; readonly caFile: string | undefined; readonly servers: number },
  { health, closers, log }: Bench,
): Promise<NatsConnection> {
  const bus = await connectToBus({ ...address, service: definition.name });
  closers.add(() => bus.close());
  void tellStatus(bus, log);
  if (definition.name === DEPLOYS_STREAMS) await deployStreams(bus, address.servers);
  health.add('bus', async () => {
    await bus.flush();
    return undefined;
  });
  health.add('streams', async () => {
    for (const stream of STREAMS) if (!(await findStream(bus, stream))) return `stream ${stream.name} is not deployed`;
    return undefined;
  });
  return bus;
}

/** Ends when the connection is closed for good. */
async function tellStatus(bus: NatsConnection, log: Log): Promise<void> {
  for await (const { type } of bus.status()) {
    if (type === 'disconnect') log.warn({ event: 'bus.lost' }, 'bus connection lost, trying again');
    if (type === 'reconnect') log.info({ event: 'bus.back' }, 'bus connection is back');
    if (type === 'error') log.error({ event: 'bus.refused' }, 'bus refused something this service may not do');
  }
}

/** Starts carrying this service's facts to the bus. */
export function startRelay(definition: Pick<ServiceDefinition, 'name'>, url: string, parts: Parts): void {
  const { bus, transactor, through, log, closers, tracer } = parts;
  const schema = schemaOf(definition.name);
  const relay = new OutboxRelay({
    connection: lonelyConnection({ url, schema }),
    schema,
    publish: publishFacts(bus, definition.name, tracer),
    through,
    onTrouble: (thrown) => log.warn({ event: 'outbox.waiting', err: thrown }, 'facts wait in the outbox'),
  });
  const forget = transactor?.onAnnounced(() => relay.nudge());
  relay.start();
  closers.add(async () => {
    forget?.();
    await relay.stop();
  });
}
