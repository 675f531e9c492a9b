import { allow, type Decision, refuse, type Thumbprint } from '@interlock/domain';
import { busAuthenticator, type Nkey } from '@interlock/proof';
import { type JetStreamClient, jetstream } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** What an endpoint showed in its handshake: the key is what counts, the certificate only carries it. */
export interface Shown {
  readonly key: Thumbprint;
  readonly certificate: string;
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

/** What `linkRegion` promises, with the library that speaks NATS. `timeout` is in milliseconds. */
export async function connectRegion(
  endpoint: Endpoint,
  shown: Shown,
  login: BusLogin,
  timeout: number,
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
      timeout,
    });
  } catch (cause) {
    if (cause instanceof Error && /self.signed|certificate/i.test(cause.message)) return refuse('endpoint_not_agreed');
    throw cause;
  }
  return allow({ connection, stream: jetstream(connection), close: () => connection.close() });
}
