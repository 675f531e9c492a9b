/** What a publisher's client writes to, inside its own account. */
export const publishedSubject = (agreement: string, flow: string): string => `flow.${agreement}.${flow}`;

/** Where that arrives in the region account. The server vouches for the account key of the publisher in it. */
export const storedSubject = (publisherAccount: string, stream: string, flow: string): string =>
  `flow.${publisherAccount}.${stream}.${flow}`;

/** All that one stream takes up. */
export const streamSubject = (publisherAccount: string, stream: string): string =>
  `flow.${publisherAccount}.${stream}.*`;

/** Where a recipient asks its durable for the next messages. */
export const nextSubject = (stream: string, durable: string): string =>
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`;

/** Where a recipient acknowledges what its durable delivered. */
export const ackSubject = (stream: string, durable: string): string => `$JS.ACK.${stream}.${durable}.>`;

/** Under it a user receives answers; no two users share one, so nobody reads another's. */
export const inboxPrefix = (userKey: string): string => `_INBOX.${userKey}`;
