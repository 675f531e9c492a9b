import { FACTS } from '@interlock/contracts';
import {
  AckPolicy,
  type ConsumerMessages,
  DeliverPolicy,
  type JetStreamClient,
  type JsMsg,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import type { Transactor } from '../db/transactor.js';
import { StartError } from '../fault.js';
import type { Log } from '../log/logger.js';
import type { Metrics } from '../metrics/metrics.js';
import type { ThroughStep } from '../steps.js';
import { type Tracer, traced, traceIn } from '../trace/trace.js';
import { requireAccess } from './access.js';
import { settle } from './settle.js';
import type { Subscription } from './subscribe.js';

/** After this long without a sign of life from the handler the server delivers again. Milliseconds. */
const ACK_WAIT_MS = 30_000;
/** Messages fetched ahead; few, so that another replica gets the rest. */
const AHEAD = 16;
const REBIND_MS = 500;
/** How long a failed message waits, by how often it was delivered. Milliseconds; the last value repeats for ever. */
const COME_AGAIN_MS = [100, 500, 2_000, 10_000, 60_000] as const;

export interface JetStreamServerOptions {
  readonly bus: NatsConnection;
  readonly transactor: Transactor;
  readonly subscriptions: readonly Subscription[];
  readonly through: ThroughStep;
  readonly log: Log;
  readonly metrics?: Metrics;
  readonly tracer: Tracer;
}

/**
 * Consumers of the internal bus as a Nest transport. Each subscription is a durable pull consumer; its replicas share it.
 * Done is acknowledged, failed comes again later, what can never succeed is parked and then ended.
 * It creates its consumers but never a stream: a missing stream keeps `unbound` from emptying, so health fails.
 */
export class JetStreamServer extends Server implements CustomTransportStrategy {
  private readonly waiting = new Set<string>();
  private readonly open = new Map<string, ConsumerMessages>();
  private loops: Promise<void>[] = [];
  private stopping = false;
  private endRest: () => void = () => undefined;

  constructor(private readonly options: JetStreamServerOptions) {
    super();
    for (const one of options.subscriptions) {
      requireAccess(one, `consumer ${one.durable}`);
      if (!/^[a-z0-9_-]+$/.test(one.durable)) throw new StartError(`consumer ${one.durable}: only a-z, 0-9, _ and -`);
      if (this.waiting.has(one.durable)) throw new StartError(`two consumers are called ${one.durable}`);
      this.waiting.add(one.durable);
    }
  }

  /** Names of the consumers that hear nothing yet. */
  get unbound(): readonly string[] {
    return [...this.waiting];
  }

  override listen(callback: (error?: unknown) => void): void {
    const [fromController] = this.getHandlers().keys();
    if (fromController !== undefined) {
      callback(new StartError(`${fromController} hears events by decorator; declare it with subscribe() instead`));
      return;
    }
    this.loops = this.options.subscriptions.map((one) => this.keepHearing(one));
    callback();
  }

  /** Resolves when every message under way is settled or left to be delivered again. */
  override async close(): Promise<void> {
    this.stopping = true;
    this.endRest();
    await Promise.all([...this.open.values()].map((messages) => messages.close()));
    await Promise.all(this.loops);
  }

  override on(): void {
    throw new Error('the bus connection has its own status; nothing is emitted here');
  }

  override unwrap<T>(): T {
    return this.options.bus as T;
  }

  private async keepHearing(one: Subscription): Promise<void> {
    while (!this.stopping) {
      try {
        const messages = await this.bind(one);
        this.open.set(one.durable, messages);
        this.waiting.delete(one.durable);
        if (this.stopping) await messages.close();
        for await (const message of messages) await this.settleInTrace(one, message);
      } catch (thrown) {
        this.options.log.warn(
          { event: 'consumer.unbound', consumer: one.durable, err: thrown },
          'consumer hears nothing',
        );
      }
      this.open.delete(one.durable);
      this.waiting.add(one.durable);
      if (!this.stopping) await this.rest();
    }
  }

  private async bind(one: Subscription): Promise<ConsumerMessages> {
    const manager = await jetstreamManager(this.options.bus, { checkAPI: false });
    await manager.consumers.add(FACTS, {
      durable_name: one.durable,
      filter_subject: `fact.*.${one.eventName}`,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ACK_WAIT_MS),
      deliver_policy: DeliverPolicy.All,
      max_deliver: -1,
      max_ack_pending: 256,
    });
    const client: JetStreamClient = jetstream(this.options.bus);
    const consumer = await client.consumers.get(FACTS, one.durable);
    return consumer.consume({ max_messages: AHEAD, expires: 5_000, abort_on_missing_resource: true });
  }

  private settleInTrace(one: Subscription, message: JsMsg): Promise<void> {
    const span = { name: one.durable, kind: 'consumer', parent: traceIn(message.headers) } as const;
    return traced(this.options.tracer, span, () => this.settleOne(one, message));
  }

  private async settleOne(one: Subscription, message: JsMsg): Promise<void> {
    const { log, through, transactor } = this.options;
    const stillAtIt = setInterval(() => message.working(), ACK_WAIT_MS / 3);
    try {
      const arrived = { subject: message.subject, bytes: message.data, streamSequence: message.seq };
      const outcome = await through('deliver', () => settle(transactor, one, arrived));
      if (outcome === 'parked') log.error({ event: 'consumer.parked', consumer: one.durable }, 'dead letter parked');
      // Acknowledged after the commit: a crash here brings the message again, and the inbox drops it.
      if (outcome === 'parked') await through('ack', async () => message.term('parked as a dead letter'));
      else await through('ack', () => message.ackAck());
      this.options.metrics?.count('factsHeard', { consumer: one.durable, outcome });
    } catch (thrown) {
      this.options.metrics?.count('factsHeard', { consumer: one.durable, outcome: 'again' });
      log.warn({ event: 'consumer.failed', consumer: one.durable, err: thrown }, 'event not handled, it comes again');
      message.nak(comeAgainAfter(message.info.deliveryCount));
    } finally {
      clearInterval(stillAtIt);
    }
  }

  private rest(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, REBIND_MS);
      const others = this.endRest;
      this.endRest = () => {
        others();
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

const comeAgainAfter = (deliveries: number): number =>
  COME_AGAIN_MS[Math.min(deliveries, COME_AGAIN_MS.length) - 1] ?? COME_AGAIN_MS[0];
