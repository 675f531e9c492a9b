import { connect, type NatsConnection } from '@nats-io/transport-node';

/** How a service reaches the internal bus. */
export interface BusAddress {
  /** `nats://user:password@host:port`, several separated by commas. The user is the service's own. */
  readonly url: string;
  readonly service: string;
}

/** The server's permissions give each service an inbox of its own, so that nobody reads another's answers. */
export const inboxOf = (service: string): string => `_INBOX.${service}`;

/**
 * One connection per process, kept up for ever: it reconnects by itself, and what cannot be said meanwhile fails.
 * Rejects if no server answers within the time-out at the start.
 */
export function connectToBus(address: BusAddress): Promise<NatsConnection> {
  const urls = address.url.split(',').map((text) => new URL(text.trim()));
  const [first] = urls;
  return connect({
    servers: urls.map((url) => `${url.protocol}//${url.host}`),
    ...(first?.username ? { user: decodeURIComponent(first.username), pass: decodeURIComponent(first.password) } : {}),
    name: address.service,
    inboxPrefix: inboxOf(address.service),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    pingInterval: 10_000,
    maxPingOut: 2,
    timeout: 5_000,
  });
}
