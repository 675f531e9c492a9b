import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import { StartError } from '../fault.js';

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
 * Throws `StartError` if no server answers or lets it in.
 */
export async function connectToBus(address: BusAddress): Promise<NatsConnection> {
  const urls = address.url.split(',').map((text) => new URL(text.trim()));
  const [first] = urls;
  const settings: NodeConnectionOptions = {
    servers: urls.map((url) => `${url.protocol}//${url.host}`),
    ...(first?.username ? { user: decodeURIComponent(first.username), pass: decodeURIComponent(first.password) } : {}),
    name: address.service,
    inboxPrefix: inboxOf(address.service),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    pingInterval: 10_000,
    maxPingOut: 2,
    timeout: 5_000,
  };
  try {
    return await connect(settings);
  } catch (cause) {
    throw new StartError('the bus of NATS_URL cannot be reached or does not know this user', { cause });
  }
}
