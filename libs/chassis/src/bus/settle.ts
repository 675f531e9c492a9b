import { senderOf } from '@interlock/contracts';
import { park } from '../db/dead-letters.js';
import { firstDelivery } from '../db/inbox.js';
import type { Transactor } from '../db/transactor.js';
import { mayCall } from './access.js';
import { type Envelope, unwrap } from './envelope.js';
import { PoisonMessageError, type Subscription } from './subscribe.js';

/** A message as it came off the stream. */
export interface Arrived {
  readonly subject: string;
  readonly bytes: Uint8Array;
  /** Position in the stream: names a message that has no readable id of its own. */
  readonly streamSequence: number;
}

/** What is to be told to the bus, and only after the transaction has committed. */
export type Settlement = 'done' | 'parked';

/**
 * Handles one message: its effect and the inbox row are committed together, or neither is.
 * A message that can never be handled is parked, committed, and only then to be ended at the bus.
 * Throws what the handler threw otherwise; then the message must come again. No path acknowledges work not done.
 */
export async function settle(transactor: Transactor, hearer: Subscription, arrived: Arrived): Promise<Settlement> {
  const envelope = unwrap(arrived.bytes);
  const eventId = envelope?.id ?? `seq-${arrived.streamSequence}`;
  try {
    await handle(transactor, hearer, arrived, envelope);
    return 'done';
  } catch (thrown) {
    const poison = poisonIn(thrown);
    if (!poison) throw thrown;
    await transactor.run((tx) =>
      park(tx, {
        consumer: hearer.durable,
        eventId,
        subject: arrived.subject,
        body: arrived.bytes,
        reason: poison.message,
      }),
    );
    return 'parked';
  }
}

async function handle(
  transactor: Transactor,
  hearer: Subscription,
  arrived: Arrived,
  envelope: Envelope | undefined,
): Promise<void> {
  const from = senderOf(arrived.subject);
  if (!envelope) throw new PoisonMessageError('the message is not an event of ours');
  if (envelope.type !== hearer.eventName)
    throw new PoisonMessageError('the message is another event than its subject says');
  if (!from || !mayCall(hearer.access, from)) throw new PoisonMessageError('its sender may not announce this');
  await transactor.run(async (tx) => {
    if (!(await firstDelivery(tx, hearer.durable, envelope.id))) return;
    await hearer.settle(envelope.data, tx, { eventId: envelope.id, from, announcedAt: Date.parse(envelope.time) });
  });
}

/** Class 22 of SQLSTATE, "data exception": the database can never hold these values, as a NUL inside a text. */
const DATA_EXCEPTION = /^22[0-9A-Z]{3}$/;

function poisonIn(thrown: unknown): PoisonMessageError | undefined {
  if (thrown instanceof PoisonMessageError) return thrown;
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  if (typeof code !== 'string' || !DATA_EXCEPTION.test(code)) return undefined;
  return new PoisonMessageError(`the database cannot hold its values (${code})`);
}
