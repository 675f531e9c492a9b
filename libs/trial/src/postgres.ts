import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { dataPlace } from './data-place.js';
import { freePort } from './free-port.js';
import { type Launched, launch } from './launch.js';
import { postgresBinaries } from './postgres-binaries.js';
import { type RunAs, runAs } from './run-as.js';
import type { Launch } from './supervisor.js';

/** What `startPostgres` is told. */
export interface PostgresChoice {
  /** Made if missing. The password of the administrator stays beside it, mode 0600. */
  readonly dataDir: string;
  /** Folder of `openCacheFolder()`. */
  readonly binCacheDir: string;
  /** A free one if left out. */
  readonly port?: number | undefined;
  /**
   * Default true. False only for databases that are thrown away after a test: a killed server then loses commits it
   * had acknowledged.
   */
  readonly durable?: boolean;
  readonly onLog?: (line: string) => void;
  /** Further settings of the server, for example `{ max_connections: '200' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** A supervisor's `start`; without it the process still ends with ours. */
  readonly start?: Launch;
}

/** A PostgreSQL server that listens on 127.0.0.1 only. */
export interface RunningPostgres {
  readonly port: number;
  /** Holds the administrator's password: hand it to nobody who does not administer. */
  readonly adminUrl: string;
  readonly pid: number;
  readonly exited: Launched['exited'];
  /** Ends every connection, writes everything down and stops. */
  stop(): Promise<void>;
}

const ENV = { LC_ALL: 'C', PATH: '/usr/bin:/bin' };
const WITHOUT_DURABILITY = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' };

/**
 * Starts a private PostgreSQL, making its cluster first if there is none. As root it runs as an unprivileged user, and
 * where that user cannot walk to the programs or the data folder, copies and data stand in the cache folder.
 *
 * @throws if the server cannot start, with its own words; if the cluster exists and its password file does not
 */
export async function startPostgres(choice: PostgresChoice): Promise<RunningPostgres> {
  const start = choice.start ?? launch;
  const user = runAs('postgres');
  const bin = postgresBinaries(choice.binCacheDir, user);
  const place = dataPlace(choice.dataDir, user, choice.binCacheDir);
  const cluster = join(place, 'cluster');
  const passwordFile = join(dirname(choice.dataDir), `${basename(choice.dataDir)}.password`);
  const password = keptPassword(passwordFile, existsSync(cluster));
  if (!existsSync(cluster)) await makeCluster({ bin, place, cluster, password, user, start, ...choice });
  const port = choice.port || (await freePort());
  const server = await start({
    name: 'postgres',
    program: join(bin, 'postgres'),
    args: ['-D', cluster, '-p', String(port), ...settingArgs(choice)],
    env: ENV,
    runAs: user,
    ready: { line: /ready to accept connections/ },
    readyWithinMs: 60_000,
    stopSignal: 'SIGINT',
    stopWithinMs: 20_000,
    ...(choice.onLog && { onLog: choice.onLog }),
  });
  const adminUrl = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  return { port, adminUrl, pid: server.pid, exited: server.exited, stop: async () => void (await server.stop()) };
}

function settingArgs({ durable = true, settings = {} }: PostgresChoice): string[] {
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(durable ? {} : WITHOUT_DURABILITY),
    ...settings,
  };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

function keptPassword(file: string, clusterExists: boolean): string {
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  if (clusterExists) {
    throw new Error(`The database's password file ${file} is missing. Put it back, or remove the folder beside it.`);
  }
  const password = randomBytes(24).toString('hex');
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${password}\n`, { mode: 0o600, flush: true });
  return password;
}

interface NewCluster extends PostgresChoice {
  readonly bin: string;
  readonly place: string;
  readonly cluster: string;
  readonly password: string;
  readonly user: RunAs | undefined;
  readonly start: Launch;
}

/** A cluster appears whole or not at all: a start killed here finds none and makes it again. */
async function makeCluster(wanted: NewCluster): Promise<void> {
  const draft = join(wanted.place, 'cluster.new');
  rmSync(draft, { recursive: true, force: true });
  const passwordFile = join(wanted.place, 'password');
  writeFileSync(passwordFile, `${wanted.password}\n`, { mode: 0o600 });
  mkdirSync(draft, { mode: 0o700 });
  for (const path of [passwordFile, draft]) if (wanted.user) chownSync(path, wanted.user.uid, wanted.user.gid);
  const access = ['-U', 'postgres', '-A', 'scram-sha-256', '--pwfile', passwordFile];
  const content = ['-E', 'UTF8', '--locale=C', ...(wanted.durable === false ? ['--no-sync'] : [])];
  try {
    const initdb = await wanted.start({
      name: 'initdb',
      program: join(wanted.bin, 'initdb'),
      args: ['-D', draft, ...access, ...content],
      env: { ...ENV, TZ: 'UTC' },
      runAs: wanted.user,
      ready: { line: /^Success\./ },
      readyWithinMs: 120_000,
      endsByItself: true,
      ...(wanted.onLog && { onLog: wanted.onLog }),
    });
    const { code } = await initdb.exited;
    if (code !== 0) throw new Error(`initdb ended with exit code ${code}`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(draft, wanted.cluster);
}
