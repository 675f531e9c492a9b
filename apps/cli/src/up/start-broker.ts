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
  type Supervisor,
  startNats,
  startPostgres,
} from '@interlock/trial';
import { programForOthers, ROOT } from './programs.js';
import { regionOf } from './start-region.js';
import type { TrialState } from './trial-state.js';

export interface BrokerPlace {
  readonly dir: string;
  readonly cacheDir: string;
  /** Answer of `brokerFolder`. */
  readonly keys: string;
  readonly supervisor: Supervisor;
  readonly state: TrialState;
  readonly progress: (what: string) => void;
  /** A nats-server of the caller's own; without it one is found or fetched. */
  readonly natsServer?: string | undefined;
}

export interface RunningBroker {
  readonly origin: string;
  readonly adminUrl: string;
  readonly natsUrlOf: (service: ServiceName) => string;
  /** Where the broker's services keep their keys. No company's folder is inside, and none of these keys can allow anything. */
  readonly keys: string;
  /** Services and bus, in the order they were started. */
  readonly processes: () => readonly Launched[];
  stop(): Promise<void>;
}

export const BROKER_NAME = 'broker.interlock.example';

/** Starts the broker: its database, its bus and its five services, each with its own role and its own bus user. */
export async function startBroker(place: BrokerPlace): Promise<RunningBroker> {
  const { supervisor, state, progress, cacheDir } = place;
  progress('PostgreSQL and nats-server');
  const binary = await findNatsServer(cacheDir, progress, { configured: place.natsServer });
  const [database, bus] = await Promise.all([
    startPostgres({
      dataDir: join(place.dir, 'postgres'),
      binCacheDir: cacheDir,
      start: supervisor.start,
      settings: { max_connections: '120' },
    }),
    startNats({
      binary,
      configText: internalBusConfig(passwords(state)),
      dir: join(place.dir, 'bus'),
      binCacheDir: cacheDir,
      name: 'bus',
      start: supervisor.start,
    }),
  ]);
  await makeDatabase(database.adminUrl, 'interlock', rolesScript(state));
  const { keys } = place;
  const natsUrlOf = (service: ServiceName) =>
    `nats://${service}:${state.secret(`bus.${service}`)}@127.0.0.1:${bus.port}`;
  const origin = `http://127.0.0.1:${state.port('api')}`;
  progress('the broker: audit, trust-registry, grants, data-router, federation-api');
  const started: Launched[] = [];
  const start = async (service: ServiceName, own: Record<string, string>): Promise<void> => {
    started.push(
      await supervisor.start({
        name: service,
        program: process.execPath,
        args: ['--enable-source-maps', programForOthers(service, cacheDir)],
        env: {
          PATH: '/usr/bin:/bin',
          NODE_ENV: 'production',
          LOG_LEVEL: 'info',
          NATS_URL: natsUrlOf(service),
          DATABASE_URL: databaseUrl(database.port, service, state),
          ...own,
        },
        runAs: runAs('broker'),
        ready: { line: /^\{"ready":/ },
        readyWithinMs: 60_000,
      }),
    );
  };
  // Its start is the deploy step of the streams that the others hear.
  await start('trust-registry', {});
  await Promise.all(otherServices(place, origin, keys).map(([service, own]) => start(service, own)));
  return {
    origin,
    adminUrl: database.adminUrl,
    natsUrlOf,
    keys,
    processes: () =>
      supervisor.processes().filter((one) => one.name === 'bus' || started.some((service) => service.pid === one.pid)),
    stop: async () => {
      for (const service of [...started].reverse()) await service.stop();
      await bus.stop();
      await database.stop();
    },
  };
}

function otherServices(
  { state }: BrokerPlace,
  origin: string,
  keys: string,
): readonly [ServiceName, Record<string, string>][] {
  const relay = `127.0.0.1:${state.port('relay')}`;
  return [
    ['audit', { LOG_ORIGIN: BROKER_NAME, LOG_KEY_FILE: join(keys, 'log.pem') }],
    ['grants', { GRANTS_TICKET_KEY_FILE: join(keys, 'ticket.pem'), GRANTS_RELAYS: relay, PUBLIC_ORIGIN: origin }],
    ['data-router', { ROUTER_REGIONS: JSON.stringify([regionOf(keys, state)]) }],
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
function rolesScript(state: TrialState): string {
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
  const ticket = join(folder, 'ticket.pem');
  if (!existsSync(ticket)) writeDurably(ticket, privateKeyToPem(newPrivateKey()));
  if (user) chownSync(ticket, user.uid, user.gid);
  return folder;
}
