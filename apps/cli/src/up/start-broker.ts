import { chownSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '@interlock/company-side';
import { internalBusConfig, SERVICES, type ServiceName } from '@interlock/contracts';
import { newPrivateKey, privateKeyToPem } from '@interlock/proof';
import {
  dataPlace,
  findNatsServer,
  type Launched,
  makeDatabase,
  runAs,
  startNats,
  startPostgres,
} from '@interlock/trial';
import { allOrNone } from './all-or-none.js';
import type { BrokerPlace } from './broker-place.js';
import { REGION, REGIONS } from './demo-companies.js';
import { MEMORY, NODE_ARGUMENTS, programForOthers, ROOT } from './programs.js';
import { regionOf } from './start-region.js';
import type { TrialState } from './trial-state.js';

export interface RunningBroker {
  readonly origin: string;
  readonly adminUrl: string;
  readonly natsUrlOf: (service: ServiceName) => string;
  /** Where the broker's services keep their keys. No company's folder is inside, and none of these keys can allow anything. */
  readonly keys: string;
  /** Services and bus, in the order they were started. */
  readonly processes: () => readonly Launched[];
  stop(): Promise<void>;
  /** As if its power went: every service and the bus at once, in the middle of whatever they do. */
  fall(): Promise<void>;
}

export const BROKER_NAME = 'broker.interlock.example';

interface Stores {
  readonly databasePort: number;
  readonly adminUrl: string;
  readonly busPort: number;
  readonly busPid: number;
  stop(): Promise<void>;
}

/**
 * Starts the broker: its database, its bus and its five services, each with its own role and its own bus user.
 *
 * @param beside what starts at the same time as the stores, and has to be there before the services
 */
export async function startBroker(place: BrokerPlace, beside: Promise<unknown>): Promise<RunningBroker> {
  const { state, progress, keys, supervisor } = place;
  progress('PostgreSQL and nats-server');
  const [stores] = await allOrNone([startStores(place), beside]);
  const origin = `http://127.0.0.1:${state.port('api')}`;
  progress('the broker: trust-registry, audit, grants, data-router, federation-api');
  const services = servicesOf(place, origin, keys);
  // Together: what one needs of another it waits for by itself.
  const started = await Promise.all(services.map(([service, own]) => startService(place, stores, service, own)));
  const stopped = async () => {
    await Promise.all(started.map((service) => service.stop()));
    await stores.stop();
  };
  return {
    origin,
    adminUrl: stores.adminUrl,
    natsUrlOf: (service) => natsUrl(stores, service, state),
    keys,
    processes: () =>
      supervisor.processes().filter((one) => one.name === 'bus' || started.some((service) => service.pid === one.pid)),
    stop: stopped,
    fall: async () => {
      // Asked first: what falls on purpose is not reported as lost.
      const gone = [...started.map((service) => service.stop()), stores.stop()];
      for (const { pid } of [...started, { pid: stores.busPid }]) killNow(pid);
      await Promise.all(gone);
    },
  };
}

/** What is gone already is gone. */
export function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    return;
  }
}

async function startStores({ dir, cacheDir, state, supervisor, progress, natsServer }: BrokerPlace): Promise<Stores> {
  const common = { binCacheDir: cacheDir, start: supervisor.start };
  const configText = internalBusConfig(passwords(state));
  // A new cluster takes longest, in a process of its own: it runs while this one makes the companies' keys.
  const beginning = startPostgres({ ...common, dataDir: join(dir, 'postgres'), settings: { max_connections: '120' } });
  const finding = findNatsServer(cacheDir, progress, { configured: natsServer });
  const [database, bus] = await allOrNone([
    beginning,
    finding.then((binary) => startNats({ ...common, binary, configText, dir: join(dir, 'bus'), name: 'bus' })),
  ]);
  await makeDatabase(database.adminUrl, 'interlock', rolesScript(state));
  return {
    databasePort: database.port,
    adminUrl: database.adminUrl,
    busPort: bus.port,
    busPid: bus.pid,
    stop: async () => {
      await bus.stop();
      await database.stop();
    },
  };
}

const startService = (
  { supervisor, state, cacheDir }: BrokerPlace,
  stores: Stores,
  service: ServiceName,
  own: Readonly<Record<string, string>>,
): Promise<Launched> =>
  supervisor.start({
    name: service,
    program: process.execPath,
    args: [...NODE_ARGUMENTS, programForOthers(service, cacheDir)],
    env: {
      PATH: '/usr/bin:/bin',
      NODE_ENV: 'production',
      ...MEMORY,
      LOG_LEVEL: 'info',
      NATS_URL: natsUrl(stores, service, state),
      DATABASE_URL: databaseUrl(stores.databasePort, service, state),
      ...own,
    },
    runAs: runAs('broker'),
    ready: { line: /^\{"ready":/ },
    readyWithinMs: 60_000,
  });

const natsUrl = ({ busPort }: Stores, service: ServiceName, state: TrialState): string =>
  `nats://${service}:${state.secret(`bus.${service}`)}@127.0.0.1:${busPort}`;

function servicesOf(
  { state }: BrokerPlace,
  origin: string,
  keys: string,
): readonly [ServiceName, Record<string, string>][] {
  const relay = `127.0.0.1:${state.port('relay')}`;
  return [
    ['trust-registry', { EVIDENCE_REGION: `${REGION}:DE` }],
    ['audit', { LOG_ORIGIN: BROKER_NAME, LOG_KEY_FILE: join(keys, 'log.pem') }],
    ['grants', { GRANTS_TICKET_KEY_FILE: join(keys, 'ticket.pem'), GRANTS_RELAYS: relay, PUBLIC_ORIGIN: origin }],
    ['data-router', { ROUTER_REGIONS: JSON.stringify(REGIONS.map((one) => regionOf(one, keys, state))) }],
    ['federation-api', { PORT: String(state.port('api')), PUBLIC_ORIGIN: origin }],
  ];
}

const passwords = (state: TrialState): Record<ServiceName, string> =>
  Object.fromEntries(SERVICES.map((service) => [service, state.secret(`bus.${service}`)])) as Record<
    ServiceName,
    string
  >;

const roleOf = (service: ServiceName): string => `interlock_${service.replaceAll('-', '_')}`;

const databaseUrl = (port: number, service: ServiceName, state: TrialState): string =>
  `postgres://${roleOf(service)}:${state.secret(`db.${service}`)}@127.0.0.1:${port}/interlock`;

/** Runs docker/postgres/roles.sql, which every installation runs, with this trial's passwords. */
export function rolesScript(state: TrialState): string {
  const script = readFileSync(join(ROOT, 'docker', 'postgres', 'roles.sql'), 'utf8');
  return script.replaceAll(
    /:'interlock_(\w+)_password'/g,
    (_, name: string) => `'${state.secret(`db.${name.replaceAll('_', '-')}`)}'`,
  );
}

/**
 * The folder of the broker's own keys: its own user can enter it wherever this clone stands, and nothing of any company is inside.
 */
export function brokerFolder(dir: string, cacheDir: string): string {
  const user = runAs('broker');
  const folder = dataPlace(join(dir, 'broker'), user, cacheDir);
  for (const name of ['ticket.pem', 'log.pem']) {
    const key = join(folder, name);
    if (!existsSync(key)) writeDurably(key, privateKeyToPem(newPrivateKey()));
    if (user) chownSync(key, user.uid, user.gid);
  }
  return folder;
}
