import type { Msg, NatsConnection } from '@nats-io/transport-node';
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

/** Why a request was not answered: the name of the error, or `answered`. */
export async function refusal(connection: NatsConnection, subject: string, body = ''): Promise<string> {
  try {
    await connection.request(subject, body, { timeout: 1_000 });
    return 'answered';
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return cause instanceof Error ? cause.name : String(cause);
  }
}
