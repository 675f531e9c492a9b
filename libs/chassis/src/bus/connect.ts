import { isIP } from 'node:net';
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import { StartError } from '../fault.js';
import { readPem } from '../read-pem.js';

/** How a service reaches the internal bus. */
export interface BusAddress {
  /** `nats://user:password@host:port`, `tls://...` with TLS; several separated by commas. The user is the service's own. */
  readonly url: string;
  /** File of who issued the certificates of the servers; left out, those that Node trusts. */
  readonly caFile?: string | undefined;
  readonly service: string;
}

/** The server's permissions give each service an inbox of its own, so that nobody reads another's answers. */
export const inboxOf = (service: string): string => `_INBOX.${service}`;

/** With it the client goes on only where the server speaks TLS. A certificate for an IP address is compared with the first server's. */
function tlsOf({ hostname }: URL, caFile: string | undefined): NonNullable<NodeConnectionOptions['tls']> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const compared = isIP(host) ? { host } : {};
  return { ...compared, ...(caFile !== undefined && { ca: readPem('NATS_CA_FILE', caFile) }) };
}

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
    ...(first?.protocol === 'tls:' && { tls: tlsOf(first, address.caFile) }),
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
