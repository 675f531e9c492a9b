import { FACTS, factSubject, parseTraceparent } from '@interlock/contracts';
import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { PublishFact } from '../db/relay.js';
import { type Tracer, traced, withTrace } from '../trace/trace.js';
import { wrap } from './envelope.js';

/** No longer: after an outage of the bus the first attempt must not hold up the rest. Milliseconds. */
const PUBLISH_TIMEOUT_MS = 1_500;

/** Publishes facts of one service; each call resolves when the stream has the fact on disk, or rejects. */
export function publishFacts(bus: NatsConnection, service: string, tracer: Tracer): PublishFact {
  const client = jetstream(bus);
  return async (fact) => {
    const text = wrap({ id: fact.eventId, service, type: fact.eventName, at: fact.appendedAt, body: fact.body });
    const publish = async () => {
      // The event id is the message id: published again, the server drops it inside its window.
      await client.publish(factSubject(service, fact.eventName), text, {
        msgID: fact.eventId,
        timeout: PUBLISH_TIMEOUT_MS,
        expect: { streamName: FACTS },
        headers: withTrace(),
      });
    };
    const parent = parseTraceparent(fact.traceparent);
    await (parent ? traced(tracer, { name: fact.eventName, kind: 'producer', parent }, publish) : publish());
  };
}
