/** The services on the internal bus; each has a bus user, a database role and a schema of its own. */
export const SERVICES = ['trust-registry', 'grants', 'data-router', 'audit', 'federation-api'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** The sender is the second word, so that the server's permissions, not the message, say who speaks. */
export const factSubject = (producer: string, event: string): string => `fact.${producer}.${event}`;
/** As `factSubject`: `ask.<caller>.<request>`. */
export const askSubject = (caller: string, request: string): string => `ask.${caller}.${request}`;

/** As `factSubject`, for what may be lost: `news.<sender>.<name>`. */
export const newsSubject = (sender: string, name: string): string => `news.${sender}.${name}`;
/** As `factSubject`, for what goes out through a channel: `deliver.<sender>.<to whom>`. */
export const deliverSubject = (sender: string, words: string): string => `deliver.${sender}.${words}`;

/** The service that holds the channels, and alone hears what goes out through them. */
const HOLDS_CHANNELS = 'federation-api';

/** Who sent a message, from its subject; undefined if the subject is not one of ours. */
export function senderOf(subject: string): string | undefined {
  const [kind, sender, ...rest] = subject.split('.');
  return ['fact', 'ask', 'news', 'deliver'].includes(kind ?? '') && sender && rest.length > 0 ? sender : undefined;
}

/** What nats-server lets one service do on the internal bus. */
export interface BusPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** It may answer a question it was asked, and write into nobody's inbox otherwise. */
  readonly allowResponses: true;
}

/**
 * The permissions of one service's bus user: it can speak only under its own name, hear questions put to itself,
 * and read the stream of facts through pull consumers. `deploys` adds the right to create streams.
 */
export function busPermissions(service: string, deploys = false): BusPermissions {
  return {
    publish: [
      `fact.${service}.>`,
      `ask.${service}.>`,
      `news.${service}.>`,
      `deliver.${service}.>`,
      '$JS.API.INFO',
      '$JS.API.STREAM.INFO.*',
      '$JS.API.CONSUMER.>',
      '$JS.ACK.>',
      ...(deploys ? ['$JS.API.STREAM.>'] : []),
    ],
    subscribe: [
      `_INBOX.${service}.>`,
      `ask.*.${service}.>`,
      'news.>',
      ...(service === HOLDS_CHANNELS ? ['deliver.>'] : []),
    ],
    allowResponses: true,
  };
}
