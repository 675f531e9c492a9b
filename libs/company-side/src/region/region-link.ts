import { connect as connectTls } from 'node:tls';
import { allow, type Decision, refuse, type Thumbprint } from '@interlock/domain';
import { busAuthenticator, type Nkey } from '@interlock/proof';
import { type JetStreamClient, jetstream } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { peerThumbprint } from '../tunnel/leaf.js';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** What an endpoint showed in its handshake: the key is what counts, the certificate only carries it. */
export interface Shown {
  readonly key: Thumbprint;
  readonly certificate: string;
}

const HANDSHAKE = 5_000;

/** Looks which key an endpoint holds, without telling it anything. */
export function shownBy(endpoint: Endpoint): Promise<Shown> {
  return new Promise((resolve, reject) => {
    // The certificate is not judged here: the caller compares its key with the keys that both companies signed.
    const socket = connectTls({ ...endpoint, rejectUnauthorized: false, minVersion: 'TLSv1.3' });
    socket.setTimeout(HANDSHAKE, () => socket.destroy(new Error('the region endpoint did not finish its handshake')));
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      // In this order: Node 20 answers nothing about the peer after it was asked for the X.509 object.
      const der = socket.getPeerCertificate().raw;
      const key = peerThumbprint(socket);
      socket.destroy();
      if (!key || !der) return reject(new Error('the region endpoint showed no key'));
      const certificate = `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
      return resolve({ key, certificate });
    });
  });
}

export interface BusLogin {
  readonly jwt: string;
  /** What the JWT names. */
  readonly key: Nkey;
  readonly inboxPrefix: string;
}

export interface RegionLink {
  readonly stream: JetStreamClient;
  readonly connection: NatsConnection;
  close(): Promise<void>;
}

/** Connects to an endpoint that has shown an agreed key, and only as long as it goes on showing the very same certificate. */
export async function linkRegion(
  endpoint: Endpoint,
  shown: Shown,
  login: BusLogin,
): Promise<Decision<RegionLink, 'endpoint_not_agreed'>> {
  const tls = { handshakeFirst: true, ca: shown.certificate, checkServerIdentity: () => undefined };
  let connection: NatsConnection;
  try {
    connection = await connect({
      servers: `${endpoint.host}:${endpoint.port}`,
      tls,
      authenticator: busAuthenticator(() => login.jwt, login.key),
      inboxPrefix: login.inboxPrefix,
      reconnect: false,
      ignoreClusterUpdates: true,
      timeout: HANDSHAKE,
    });
  } catch (cause) {
    if (cause instanceof Error && /self.signed|certificate/i.test(cause.message)) return refuse('endpoint_not_agreed');
    throw cause;
  }
  return allow({ connection, stream: jetstream(connection), close: () => connection.close() });
}
