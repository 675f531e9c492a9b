import { askSubject, type RequestDef } from '@interlock/contracts';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { ClientNats, NatsRecordBuilder } from '@nestjs/microservices';
import { firstValueFrom, timeout } from 'rxjs';
import { Fault } from '../fault.js';
import type { Metrics } from '../metrics/metrics.js';
import { currentTrace, quietTracer, type Tracer, traced, withTrace } from '../trace/trace.js';
import { IDEMPOTENCY_HEADER, WireAnswer } from './answer.js';
import { inboxOf } from './connect.js';

/** How long an asker waits when it does not say. Milliseconds. */
export const DEFAULT_DEADLINE_MS = 2_000;

export interface AskOptions {
  /** The same key means the same asking: repeat it when asking again. `ids.next('idk')` for a new one. */
  readonly key: string;
  readonly deadlineMs?: number;
}

/** Nest's NATS client over the process's one connection, which belongs to the process. */
class SharedClient extends ClientNats {
  constructor(
    private readonly bus: NatsConnection,
    service: string,
  ) {
    super({ inboxPrefix: inboxOf(service) });
  }
  override createClient(): Promise<NatsConnection> {
    return Promise.resolve(this.bus);
  }
  override async close(): Promise<void> {
    this.handleClose();
  }
}

/** Asks other services. */
export class Requests {
  private readonly client: SharedClient;

  constructor(
    bus: NatsConnection,
    private readonly service: string,
    private readonly deadlineMs = DEFAULT_DEADLINE_MS,
    private readonly metrics?: Metrics,
    private readonly tracer: Tracer = quietTracer,
  ) {
    this.client = new SharedClient(bus, service);
  }

  /**
   * The answer, parsed. Whatever is not an answer in time (nobody there, too late, a fault there, an answer of another
   * shape) is the fault `<service>_unavailable`; it is never a yes.
   * Throws a plain Error if the question itself does not fit its schema.
   */
  ask<Ask, Reply>(request: RequestDef<string, Ask, Reply>, body: Ask, options: AskOptions): Promise<Reply> {
    const span = { name: request.name, kind: 'client', parent: currentTrace() } as const;
    return traced(this.tracer, span, () => this.askNow(request, body, options));
  }

  private async askNow<Ask, Reply>(
    request: RequestDef<string, Ask, Reply>,
    body: Ask,
    options: AskOptions,
  ): Promise<Reply> {
    const asked = request.ask.parse(body);
    const took = this.stopwatch(request.name);
    const record = new NatsRecordBuilder(asked).setHeaders(headersWith(options.key)).build();
    try {
      const sent = this.client.send<unknown>(askSubject(this.service, request.name), record);
      const answered = WireAnswer.parse(
        await firstValueFrom(sent.pipe(timeout({ first: options.deadlineMs ?? this.deadlineMs }))),
      );
      if (answered.outcome === 'failed') throw new Error(`${request.name} failed there: ${answered.because}`);
      const reply = request.reply.parse(answered.reply);
      took('answered');
      return reply;
    } catch (cause) {
      took('failed');
      throw new Fault(`${request.service.replaceAll('-', '_')}_unavailable`, 'The request could not be completed', {
        cause,
      });
    }
  }

  private stopwatch(question: string): (outcome: string) => void {
    const began = performance.now();
    return (outcome) => this.metrics?.took('questions', { question, outcome }, (performance.now() - began) / 1_000);
  }

  close(): Promise<void> {
    return this.client.close();
  }
}

const headersWith = (key: string) => {
  const made = headers();
  made.set(IDEMPOTENCY_HEADER, key);
  return withTrace(made);
};
