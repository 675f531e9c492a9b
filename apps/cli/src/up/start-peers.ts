import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { addGateway, gatewayKeyOf, layout, writeCurlConfig, writeDurably } from '@interlock/company-side';
import type { LocalId } from '@interlock/domain';
import type { Launched, Supervisor } from '@interlock/trial';
import { readBrokerKeyFiles } from './broker-keys.js';
import { ANALYTICS, HISTORIAN, PLANT_GATEWAY, PRESS, REGION, REGIONS, VENDOR_GATEWAY } from './demo-companies.js';
import { identityProviderSettings } from './identity-provider-files.js';
import { MEMORY, NODE_ARGUMENTS, program } from './programs.js';
import type { CompanyPlace } from './start-companies.js';
import type { TrialState } from './trial-state.js';

export interface PeersOptions {
  readonly dir: string;
  readonly supervisor: Supervisor;
  readonly state: TrialState;
  readonly brokerOrigin: string;
  readonly brokerKeys: string;
  readonly telemetry?: string | undefined;
  readonly telemetrySpeed?: number | undefined;
  /** Names in a recording that must not leave; the simulator's own are always there. */
  readonly scrub: readonly string[];
  readonly beatSeconds: number;
}

export const READY = { line: /^\{"ready":/ };
export const ENV = { PATH: '/usr/bin:/bin', NODE_ENV: 'production', ...MEMORY };

/** Starts one bundled company-side program. */
export const startNode = (
  supervisor: Supervisor,
  name: string,
  app: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Launched> =>
  supervisor.start({
    name,
    program: process.execPath,
    args: [...NODE_ARGUMENTS, program(app), ...args],
    env: { ...ENV, ...env },
    ready: READY,
  });

/** The machine, the vendor's service, the relay and both identity providers: what exists before anybody agrees on anything. */
export async function startPeers(
  options: PeersOptions,
  companies: { vendor: CompanyPlace; buyer: CompanyPlace },
): Promise<void> {
  const { supervisor, state, dir } = options;
  const pressFolder = join(dir, 'machines', PRESS);
  mkdirSync(pressFolder, { recursive: true, mode: 0o700 });
  writeDurably(
    join(pressFolder, 'press.json'),
    JSON.stringify({ machine: PRESS, user: 'service', password: state.secret('press.password') }),
  );
  const telemetry: Record<string, string> =
    options.telemetry === undefined
      ? {}
      : { PRESS_TELEMETRY_FILE: options.telemetry, PRESS_TELEMETRY_SPEED: String(options.telemetrySpeed ?? 20) };
  await Promise.all([
    ...[companies.vendor, companies.buyer].map((place) => startIdentityProvider(supervisor, place)),
    startNode(supervisor, 'relay', 'relay', [], { RELAY_PORT: String(state.port('relay')), RELAY_REGION: REGION }),
    startNode(supervisor, 'analytics', 'demo-peers', ['analytics'], {
      ANALYTICS_PORT: String(state.port('analytics')),
    }),
    startNode(supervisor, 'press', 'demo-peers', ['press'], {
      PRESS_SSH_PORT: String(state.port('ssh')),
      PRESS_TELEMETRY_PORT: String(state.port('shdr')),
      PRESS_FOLDER: pressFolder,
      PRESS_MACHINE_FOLDER: layout(companies.buyer.dir).machine(PRESS),
      PRESS_CALL_ANALYTICS_SECONDS: '0.5',
      PRESS_SETTINGS_FILE: join(pressFolder, 'press.json'),
      ...telemetry,
    }),
  ]);
}

const startIdentityProvider = (supervisor: Supervisor, { dir, issuer, company }: CompanyPlace): Promise<Launched> =>
  startNode(supervisor, `identity-provider-${company.organisation.split('.')[0]}`, 'demo-peers', ['oidc'], {
    ...identityProviderSettings(dir, company.name, issuer),
  });

export const startAgent = (supervisor: Supervisor, place: CompanyPlace, brokerOrigin: string): Promise<Launched> =>
  startNode(supervisor, `agent-${place.company.organisation.split('.')[0]}`, 'company-agent', [], {
    AGENT_FOLDER: place.dir,
    AGENT_PORT: new URL(place.agentOrigin).port,
    AGENT_ORIGIN: place.agentOrigin,
    BROKER_ORIGIN: brokerOrigin,
    AGENT_TIME_ZONE: 'Europe/Vienna',
  });

/** Provisions and starts both gateways. Each company provisions its own, with its own pins: so this comes after the comparison. */
export async function startGateways(
  options: PeersOptions,
  { vendor, buyer }: { vendor: CompanyPlace; buyer: CompanyPlace },
): Promise<void> {
  const { state } = options;
  await provision(options, buyer, PLANT_GATEWAY, PRESS, [
    { service: 'ssh', port: state.port('ssh') },
    { service: 'shdr', port: state.port('shdr') },
  ]);
  await provision(options, vendor, VENDOR_GATEWAY, ANALYTICS, [{ service: 'http', port: state.port('analytics') }]);
  const door = `127.0.0.1:${state.port('plantDoor')}`;
  const key = gatewayKeyOf(buyer.dir, PLANT_GATEWAY);
  const folder = layout(buyer.dir).workload(HISTORIAN);
  if (key) await writeCurlConfig({ folder, door, gateway: key, now: Date.now() });
  await Promise.all([
    startGateway(options, buyer, PLANT_GATEWAY, state.port('plantGateway'), { GATEWAY_INGEST: door }),
    startGateway(options, vendor, VENDOR_GATEWAY, state.port('vendorGateway')),
  ]);
}

async function provision(
  { state, brokerOrigin, brokerKeys, scrub }: PeersOptions,
  place: CompanyPlace,
  id: LocalId,
  resource: LocalId,
  services: readonly { service: string; port: number }[],
): Promise<void> {
  await addGateway(place.dir, {
    id,
    resources: [resource],
    targets: services.map(({ service, port }) => ({ resource, service: service as LocalId, host: '127.0.0.1', port })),
    relays: [{ host: '127.0.0.1', port: state.port('relay') }],
    // The one that no agreement lets it use stands first: the gateway would prefer it, and does not even connect.
    regions: [...REGIONS]
      .reverse()
      .map(({ id: region, port }) => ({ region, host: '127.0.0.1', port: state.port(port) })),
    broker: { origin: brokerOrigin, ticketKey: readBrokerKeyFiles(brokerKeys).ticketKey },
    scrub,
    now: Date.now(),
  });
}

export const startGateway = (
  { supervisor, beatSeconds }: PeersOptions,
  place: CompanyPlace,
  id: LocalId,
  port: number,
  more: Readonly<Record<string, string>> = {},
): Promise<Launched> =>
  startNode(supervisor, `gateway-${id}`, 'edge-gateway', [], {
    GATEWAY_FOLDER: layout(place.dir).gateway(id),
    GATEWAY_LOCAL_PORT: String(port),
    GATEWAY_BEAT_SECONDS: String(beatSeconds),
    ...more,
  });
