import { isIP } from 'node:net';
import type { EpochSeconds } from '@interlock/domain';
import type { Nkey } from '@interlock/proof';
import { MAX_PAYLOAD_BYTES, regionAccountClaims, systemAccountClaims } from './account-claims.js';
import { signAccountJwt, signOperatorJwt } from './jwt.js';
import type { RegionKeys } from './region-keys.js';

/** What differs between the bus servers of two regions. Paths are absolute. */
export interface BusServerSettings {
  readonly serverName: string;
  /** Becomes the JetStream domain: lower-case letters, digits and hyphens. */
  readonly region: string;
  /** An IP address to listen on; anything but loopback needs `tls`. */
  readonly host: string;
  /** TCP port; -1 lets the server choose. */
  readonly port: number;
  /** Holds streams and accounts. */
  readonly storeDir: string;
  /** Most bytes on disk for all streams of the region. */
  readonly maxFileBytes: number;
  /** Where the server writes the ports it chose, if it shall. */
  readonly portsFileDir?: string;
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  /** Every stored message reaches the disk before it is acknowledged. Off: within 10 seconds. */
  readonly syncAlways: boolean;
  readonly maxConnections: number;
}

/** The documents the server starts with; made where the operator's identity key is, which may be offline. */
export interface BusTrust {
  readonly operatorJwt: string;
  readonly systemAccount: string;
  readonly systemAccountJwt: string;
  readonly regionAccount: string;
  readonly regionAccountJwt: string;
}

/**
 * Binds a region's online keys to the operator's identity key, which is needed for nothing else.
 * @throws if `operator` is no operator key
 */
export function establishBusTrust(operator: Nkey, keys: RegionKeys, now: EpochSeconds): BusTrust {
  const operatorJwt = signOperatorJwt(
    {
      name: 'interlock',
      sub: operator.publicKey,
      iat: now,
      nats: {
        signing_keys: [keys.operatorSigner.publicKey],
        system_account: keys.systemAccount.publicKey,
        strict_signing_key_usage: true,
      },
    },
    operator,
  );
  return {
    operatorJwt,
    systemAccount: keys.systemAccount.publicKey,
    systemAccountJwt: signAccountJwt(systemAccountClaims(keys, now), keys.operatorSigner),
    regionAccount: keys.regionAccount.publicKey,
    regionAccountJwt: signAccountJwt(regionAccountClaims(keys, now), keys.operatorSigner),
  };
}

/**
 * The text of a nats-server configuration: operator mode, full resolver, TLS 1.3, limits that hold before anybody
 * has authenticated, no user without a JWT, and nothing else listening (no monitoring, leaf, MQTT or WebSocket port).
 * @throws with what to change, if a setting could not be meant or would leave a port open without TLS
 */
export function busServerConfig(settings: BusServerSettings, trust: BusTrust): string {
  check(settings);
  const { tls, portsFileDir } = settings;
  return [
    `server_name: ${quote(settings.serverName)}`,
    `listen: ${quote(`${isIP(settings.host) === 6 ? `[${settings.host}]` : settings.host}:${settings.port}`)}`,
    ...(portsFileDir === undefined ? [] : [`ports_file_dir: ${quote(portsFileDir)}`]),
    `operator: ${quote(trust.operatorJwt)}`,
    `system_account: ${quote(trust.systemAccount)}`,
    'resolver {',
    '  type: full',
    `  dir: ${quote(`${settings.storeDir}/accounts`)}`,
    '  allow_delete: false',
    '  interval: "10s"',
    '  timeout: "2s"',
    '}',
    'resolver_preload {',
    `  ${trust.systemAccount}: ${quote(trust.systemAccountJwt)}`,
    `  ${trust.regionAccount}: ${quote(trust.regionAccountJwt)}`,
    '}',
    'jetstream {',
    `  store_dir: ${quote(`${settings.storeDir}/streams`)}`,
    `  domain: ${quote(settings.region)}`,
    '  max_memory_store: 0',
    `  max_file_store: ${settings.maxFileBytes}`,
    `  sync_interval: ${settings.syncAlways ? 'always' : '"10s"'}`,
    '}',
    ...beforeAuthentication(settings.maxConnections),
    ...(tls === undefined ? [] : tlsBlock(tls)),
    '',
  ].join('\n');
}

/** A stranger costs at most one connection of 4 KiB for two seconds. */
const beforeAuthentication = (maxConnections: number): string[] => [
  'authorization { timeout: 2 }',
  `max_connections: ${maxConnections}`,
  'max_control_line: 4096',
  `max_payload: ${MAX_PAYLOAD_BYTES * 4}`,
  'max_pending: 16777216',
  'write_deadline: "5s"',
  'ping_interval: "20s"',
  'ping_max: 3',
];

const tlsBlock = (tls: { readonly certFile: string; readonly keyFile: string }): string[] => [
  'tls {',
  `  cert_file: ${quote(tls.certFile)}`,
  `  key_file: ${quote(tls.keyFile)}`,
  '  min_version: "1.3"',
  '  handshake_first: true',
  '  timeout: 2',
  '}',
];

function check(settings: BusServerSettings): void {
  const { host, port, region, tls, maxFileBytes, maxConnections, storeDir } = settings;
  if (isIP(host) === 0) throw new Error(`the bus listens on an IP address, not on "${host}"`);
  const loopback = host === '::1' || host.startsWith('127.');
  if (!loopback && tls === undefined) throw new Error(`a bus on ${host} needs TLS: name a certificate and a key file`);
  if (!/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/.test(region)) {
    throw new Error(`"${region}" cannot be a JetStream domain: use lower-case letters, digits and hyphens`);
  }
  if (!(port === -1 || (Number.isInteger(port) && port > 0 && port < 65_536))) throw new Error(`no TCP port: ${port}`);
  if (!Number.isSafeInteger(maxFileBytes) || maxFileBytes <= 0) throw new Error('maxFileBytes is a positive number');
  if (!Number.isSafeInteger(maxConnections) || maxConnections <= 0) throw new Error('maxConnections is positive');
  for (const path of [storeDir, settings.portsFileDir, tls?.certFile, tls?.keyFile]) {
    if (path !== undefined && !path.startsWith('/')) throw new Error(`"${path}" is no absolute path`);
  }
}

/** A value that ends its own quotes could write any other setting. */
function quote(text: string): string {
  const control = [...text].some((letter) => letter < ' ' || letter === '"' || letter === '\\');
  if (control)
    throw new Error(`a setting of the bus holds quotes, backslashes or control characters: ${JSON.stringify(text)}`);
  return `"${text}"`;
}
