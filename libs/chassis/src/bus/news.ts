import { deliverSubject, newsSubject, senderOf } from '@interlock/contracts';
import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import { inTrace, traceIn, withTrace } from '../trace/trace.js';

/** Hears one message; what it returns, other than undefined, is the answer to a message that asks for one. */
export type NewsHearer = (body: unknown, from: string) => object | undefined;

const NO_ANSWER_MS = 1_500;

/**
 * What may be lost: core NATS, at most once, no store behind it. It carries speed; whoever depends on it for truth fetches that
 * again. Facts go through the outbox instead.
 */
export class News {
  constructor(
    private readonly bus: NatsConnection,
    private readonly service: string,
  ) {}

  /** Tells every replica that hears `name`. */
  tell(name: string, body: object): void {
    this.bus.publish(newsSubject(this.service, name), JSON.stringify(body), { headers: withTrace() });
  }

  /** Hands something to whoever holds the channel `words` name; see `deliveryWords` in contracts. */
  deliver(words: string, body: object): void {
    this.bus.publish(deliverSubject(this.service, words), JSON.stringify(body), { headers: withTrace() });
  }

  /** As `deliver`, and true if a holder took it; false at once where there is none. */
  async delivered(words: string, body: object): Promise<boolean> {
    try {
      await this.bus.request(deliverSubject(this.service, words), JSON.stringify(body), {
        timeout: NO_ANSWER_MS,
        headers: withTrace(),
      });
      return true;
    } catch {
      return false;
    }
  }

  /** Hears news of every service until the returned function is called. */
  hear(name: string, hearer: NewsHearer): () => void {
    return this.listen(newsSubject('*', name), hearer);
  }

  /** Hears deliveries to `words`; only the service that holds channels may. */
  hearDeliveries(words: string, hearer: NewsHearer): () => void {
    return this.listen(deliverSubject('*', words), hearer);
  }

  private listen(subject: string, hearer: NewsHearer): () => void {
    const subscription: Subscription = this.bus.subscribe(subject, {
      callback: (error, message) => {
        if (error) return;
        const trace = traceIn(message.headers);
        const hear = () => hearer(readJson(message.string()), senderOf(message.subject) ?? '');
        const answer = trace ? inTrace(trace, hear) : hear();
        if (answer && message.reply) message.respond(JSON.stringify(answer));
      },
    });
    return () => subscription.unsubscribe();
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
