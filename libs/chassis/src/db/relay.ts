import type { EventEmitter } from 'node:events';
import { Client, type ClientConfig } from 'pg';
import type { ThroughStep } from '../steps.js';

/** One fact that has not left yet. */
export interface WaitingFact {
  readonly eventId: string;
  readonly eventName: string;
  readonly body: string;
  readonly appendedAt: Date;
  readonly traceparent: string | null;
}

/** Hands one fact to the bus; resolves when the bus has it on disk. */
export type PublishFact = (fact: WaitingFact) => Promise<void>;

export interface RelayOptions {
  readonly connection: ClientConfig;
  readonly schema: string;
  readonly publish: PublishFact;
  readonly through: ThroughStep;
  /** Called with what went wrong; the relay itself goes on. */
  readonly onTrouble: (thrown: unknown) => void;
  /** How long it rests when nothing woke it. Milliseconds. */
  readonly restMs?: number;
}

const BATCH = 100;
const REST_MS = 500;
const REST_AFTER_TROUBLE_MS = 250;
const UNPUBLISHED = `
  select event_id as "eventId", event_name as "eventName", body, traceparent, appended_at as "appendedAt"
  from outbox where published_at is null order by position limit ${BATCH}`;

/**
 * Carries the facts of one schema to the bus, in the order they were appended, at least once.
 * One relay at a time per schema holds the advisory lock; the others stand by and take over when its connection ends.
 * It reads by the missing mark, never by a position: transactions commit out of order, and a cursor would skip one.
 */
export class OutboxRelay {
  private stopped = false;
  private wake: () => void = () => undefined;
  private woken = false;
  private running: Promise<void> | undefined;

  constructor(private readonly options: RelayOptions) {}

  start(): void {
    this.running = this.run();
  }

  /** Says that there may be something to carry. */
  nudge(): void {
    this.woken = true;
    this.wake();
  }

  /** Resolves when what was under way is done and the lock is free. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const client = new Client(this.options.connection);
      const lost = onceLost(client);
      try {
        await client.connect();
        await this.carryWhileConnected(client, lost);
      } catch (thrown) {
        this.options.onTrouble(thrown);
        await this.rest(REST_AFTER_TROUBLE_MS);
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  }

  private async carryWhileConnected(client: Client, lost: { readonly is: boolean }): Promise<void> {
    let holdsLock = false;
    while (!this.stopped && !lost.is) {
      holdsLock ||= await this.takeLock(client);
      const carried = holdsLock ? await this.carryBatch(client) : 0;
      if (carried < BATCH) await this.rest(this.options.restMs ?? REST_MS);
    }
  }

  private async takeLock(client: Client): Promise<boolean> {
    const { rows } = await client.query<{ locked: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as locked',
      [`interlock relay ${this.options.schema}`],
    );
    return rows[0]?.locked === true;
  }

  private async carryBatch(client: Client): Promise<number> {
    const { publish, through } = this.options;
    this.woken = false;
    const { rows } = await client.query<WaitingFact>(UNPUBLISHED);
    for (const fact of rows) {
      // Published before marked: a crash here repeats the message, the server drops the repeat by its id inside its
      // window, and the inbox of each hearer drops it after.
      await through('publish', () => publish(fact));
      await through('mark published', () =>
        client.query('update outbox set published_at = now() where event_id = $1', [fact.eventId]),
      );
    }
    return rows.length;
  }

  private rest(ms: number): Promise<void> {
    if (this.woken || this.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** A connection the server ended tells so by an event; without a listener that event would end the process. */
const onceLost = (client: EventEmitter): { is: boolean } => {
  const lost = { is: false };
  client.on('error', () => {
    lost.is = true;
  });
  client.on('end', () => {
    lost.is = true;
  });
  return lost;
};
