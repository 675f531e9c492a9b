import type { EventDef } from '@interlock/contracts';
import type { Tx } from '../db/tx.js';
import type { ServiceAccess } from './access.js';

/** What a hearer learns beside the body. */
export interface Delivery {
  readonly eventId: string;
  /** The service that announced it. */
  readonly from: string;
  /** When it was appended to the outbox, by the database's clock there. Milliseconds since the epoch. */
  readonly announcedAt: number;
}

export interface SubscriptionSpec<Body> {
  readonly event: EventDef<string, Body>;
  /** Name of the consumer, for ever: `grants_revoke-on-suspension`. No dots. Replicas share it. */
  readonly durable: string;
  readonly access: ServiceAccess;
  /** Runs in one transaction with the inbox row. Throw `PoisonMessageError` for what can never succeed. */
  handle(body: Body, tx: Tx, delivery: Delivery): Promise<void>;
}

/** A consumer as a value; the loop belongs to the chassis. */
export interface Subscription {
  readonly eventName: string;
  readonly durable: string;
  readonly access: ServiceAccess;
  /** Parses, then handles. Throws `PoisonMessageError` if the body is not the event's. */
  settle(body: unknown, tx: Tx, delivery: Delivery): Promise<void>;
}

/** This message can never be handled, however often it comes: it is parked as a dead letter. No values in the message. */
export class PoisonMessageError extends Error {
  override readonly name = 'PoisonMessageError';
}

/** Declares what a service does when it hears a fact. */
export function subscribe<Body>(spec: SubscriptionSpec<Body>): Subscription {
  return {
    eventName: spec.event.name,
    durable: spec.durable,
    access: spec.access,
    async settle(body, tx, delivery) {
      const parsed = spec.event.schema.safeParse(body);
      if (!parsed.success) throw new PoisonMessageError(`the body does not fit ${spec.event.name}`);
      await spec.handle(parsed.data, tx, delivery);
    },
  };
}
