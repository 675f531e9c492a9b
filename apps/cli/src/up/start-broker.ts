import { chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '@interlock/company-side';
import { internalBusConfig, SERVICES, type ServiceName } from '@interlock/contracts';
import { newPrivateKey, privateKeyToPem } from '@interlock/proof';
import { findNatsServer, type Launched, runAs, type Supervisor, startNats, startPostgres } from '@interlock/trial';
import pg from 'pg';
import { programForOthers, ROOT } from './programs.js';
import type { TrialState } from './trial-state.js';

export interface BrokerPlace {
  readonly dir: string;
  readonly cacheDir: string;
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
  await makeRoles(database.adminUrl, state);
  const keys = brokerFolder(place.dir);
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
  const relay = JSON.stringify([{ host: '127.0.0.1', port: state.port('relay') }]);
  return [
    ['audit', { LOG_ORIGIN: BROKER_NAME, LOG_KEY_FILE: join(keys, 'log.pem') }],
    [
      'grants',
      { GRANTS_BROKER_NAME: BROKER_NAME, GRANTS_TICKET_KEY_FILE: join(keys, 'ticket.pem'), GRANTS_RELAYS: relay },
    ],
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
async function makeRoles(adminUrl: string, state: TrialState): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  const exists = await admin.query("select from pg_database where datname = 'interlock'");
  if (exists.rowCount === 0) await admin.query('create database interlock');
  await admin.end();
  const script = readFileSync(join(ROOT, 'docker', 'postgres', 'roles.sql'), 'utf8').replaceAll(
    /:'interlock_(\w+)_password'/g,
    (_, name: string) => `'${state.secret(`db.${name.replaceAll('_', '-')}`)}'`,
  );
  const broker = new pg.Client({ connectionString: adminUrl.replace(/\/postgres$/, '/interlock') });
  await broker.connect();
  try {
    await broker.query(script);
  } finally {
    await broker.end();
  }
}

/** A folder that the broker's own user can enter, and that holds nothing of any company. */
function brokerFolder(dir: string): string {
  const folder = join(dir, 'broker');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const user = runAs('broker');
  if (user) chownSync(folder, user.uid, user.gid);
  const ticket = join(folder, 'ticket.pem');
  if (!existsSync(ticket)) writeDurably(ticket, privateKeyToPem(newPrivateKey()));
  if (user) chownSync(ticket, user.uid, user.gid);
  return folder;
}
