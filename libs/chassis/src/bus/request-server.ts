import { parseTraceparent } from '@interlock/contracts';
import type { Subscription as BusSubscription, NatsConnection } from '@nats-io/transport-node';
import { type CustomTransportStrategy, type NatsContext, ServerNats } from '@nestjs/microservices';
import type { Transactor } from '../db/transactor.js';
import { StartError } from '../fault.js';
import type { Log } from '../log/logger.js';
import { type Tracer, traced } from '../trace/trace.js';
import { requireAccess } from './access.js';
import { type Answerer, IDEMPOTENCY_HEADER } from './answer.js';

export interface RequestServerOptions {
  readonly bus: NatsConnection;
  readonly service: string;
  readonly answerers: readonly Answerer[];
  readonly transactor: Transactor | undefined;
  readonly log: Log;
  readonly tracer: Tracer;
}

/**
 * Nest's NATS server over the process's one bus connection, with handlers as values.
 * Replicas share the questions through a queue group.
 */
export class RequestServer extends ServerNats implements CustomTransportStrategy {
  private readonly open: BusSubscription[] = [];
  private readonly own = new Set<string>();

  constructor(private readonly wiring: RequestServerOptions) {
    super({ queue: wiring.service });
    for (const one of wiring.answerers) this.addAnswerer(one);
  }

  private addAnswerer(one: Answerer): void {
    const { log, service, transactor, tracer } = this.wiring;
    requireAccess(one, `request ${one.requestName}`);
    if (one.service !== service) throw new StartError(`request ${one.requestName} is not ${service}'s to answer`);
    const pattern = `ask.*.${one.requestName}`;
    if (this.own.has(pattern)) throw new StartError(`two handlers answer ${one.requestName}`);
    this.own.add(pattern);
    this.addHandler(pattern, (body: unknown, context: NatsContext) => {
      const found: unknown = context.getHeaders();
      const parent = parseTraceparent(headerOf(found, 'traceparent'));
      const span = { name: one.requestName, kind: 'server', parent } as const;
      return traced(tracer, span, () =>
        one.reply({
          subject: context.getSubject(),
          key: headerOf(found, IDEMPOTENCY_HEADER),
          body,
          transactor,
          onFault: (thrown) =>
            log.error({ event: 'request.failed', request: one.requestName, err: thrown }, 'request not answered'),
        }),
      );
    });
  }

  override async createNatsClient(): Promise<NatsConnection> {
    const stranger = [...this.getHandlers().keys()].find((pattern) => !this.own.has(pattern));
    if (stranger !== undefined) {
      throw new StartError(`${stranger} answers requests by decorator; declare it with answer() instead`);
    }
    return this.wiring.bus;
  }

  override bindEvents(bus: NatsConnection): void {
    for (const pattern of this.getHandlers().keys()) {
      const hear = this.getMessageHandler(pattern).bind(this);
      this.open.push(
        bus.subscribe(pattern, { queue: this.wiring.service, callback: (error, msg) => void hear(error, msg) }),
      );
    }
  }

  /** Takes no new question and lets those under way finish; the connection is the process's and stays open. */
  override async close(): Promise<void> {
    await Promise.all(this.open.map((subscription) => subscription.drain()));
  }
}

const headerOf = (headers: unknown, name: string): string | undefined => {
  if (typeof headers !== 'object' || headers === null || !('get' in headers)) return undefined;
  const value: unknown = typeof headers.get === 'function' ? headers.get(name) : undefined;
  return typeof value === 'string' && value.length > 0 && value.length <= 128 ? value : undefined;
};
