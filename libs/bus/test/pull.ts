import { type Msg, type NatsConnection, NoRespondersError, PermissionViolationError } from '@nats-io/transport-node';
import type { RecipientTemplate } from '../src/index.js';

/** Asks a durable for the next `batch` messages; returns fewer if there are no more within `ms`. */
export async function pull(recipient: NatsConnection, next: string, batch: number, ms = 1_000): Promise<Msg[]> {
  const messages: Msg[] = [];
  const body = JSON.stringify({ batch, expires: ms * 1_000_000 });
  // Messages keep the subject they were published under, so the client's shared inbox would not know them.
  const options = { strategy: 'count' as const, maxMessages: batch, maxWait: ms * 2, noMux: true };
  for await (const message of await recipient.requestMany(next, body, options)) {
    if (message.headers?.code) break;
    messages.push(message);
  }
  return messages;
}

/** Pulls and acknowledges everything the first durable of a recipient holds now. */
export async function drain(recipient: NatsConnection, template: RecipientTemplate, batch: number): Promise<string[]> {
  const messages = await pull(recipient, template.pulls[0]?.next ?? '', batch);
  for (const message of messages) await recipient.request(message.reply ?? '', '+ACK', { timeout: 2_000 });
  return messages.map((message) => message.string());
}

/** Tries subjects on one connection, and tells what the server made of each. */
export class Probe {
  private denied = 0;
  private constructor(private readonly connection: NatsConnection) {}

  static on(connection: NatsConnection): Probe {
    const probe = new Probe(connection);
    void (async () => {
      for await (const status of connection.status()) {
        if (status.type === 'error' && status.error instanceof PermissionViolationError) probe.denied++;
      }
    })();
    return probe;
  }

  /** `denied` by the permissions of the user, `nobody` there, `silent`, an `error` of JetStream, or `answered`. */
  async request(subject: string, body = '', ms = 300): Promise<string> {
    const before = this.denied;
    const answer = this.connection.request(subject, body, { timeout: ms, noMux: true }).then(
      (message) => (/"error":/.test(message.string()) ? 'error' : 'answered'),
      (error: unknown) => (error instanceof NoRespondersError ? 'nobody' : 'silent'),
    );
    await this.settled();
    return this.denied > before ? 'denied' : answer;
  }

  /** The server works through one connection in order, so its refusal has arrived when it answers a ping. */
  private async settled(): Promise<void> {
    await this.connection.flush();
    await new Promise((resolve) => setImmediate(resolve));
  }

  async subscribe(subject: string): Promise<string> {
    const before = this.denied;
    const subscription = this.connection.subscribe(subject, { callback: () => undefined });
    await this.settled();
    subscription.unsubscribe();
    return this.denied > before ? 'denied' : 'subscribed';
  }
}
