import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SERVICES, type ServiceName } from '@interlock/contracts';
import { openCacheFolder, type RunningPostgres, startPostgres } from '@interlock/trial';
import { Client } from 'pg';

/** A real PostgreSQL of one test file, with the broker's roles and schemas and nothing in them. */
export interface TestDatabase {
  /** For looking at everything, as administrator. */
  readonly adminUrl: string;
  /** `DATABASE_URL` of a service: its own role. */
  urlFor(service: ServiceName): string;
  /** Runs one statement as administrator. */
  query<Row extends object = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** Ends the server and starts it again on the same port with the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const ROLES_SQL = fileURLToPath(new URL('../../../docker/postgres/roles.sql', import.meta.url));
const DATABASE = 'interlock';

/**
 * Starts a server of its own for one test file: a copy of a cluster that was made once with roles and schemas, so that it
 * takes a fraction of a second. Nothing in it outlives `stop`.
 *
 * @param durable off where no test kills the server; a bench that speaks of durable commits turns it on
 */
export async function testDatabase({ durable = false } = {}): Promise<TestDatabase> {
  const cache = openCacheFolder();
  const dir = walkableFolder(join(tmpdir(), 'interlock-test-pg-'));
  const dataDir = join(dir, 'data');
  await copyTemplate(cache, dataDir);
  const passwords = JSON.parse(readFileSync(`${dataDir}.roles.json`, 'utf8')) as Record<ServiceName, string>;
  const start = (port?: number) => startPostgres({ dataDir, binCacheDir: cache, durable, port, settings: SETTINGS });
  let server = await start();
  const { port } = server;
  const adminUrl = urlWith(server.adminUrl, DATABASE);
  const stop = async () => {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  return {
    adminUrl,
    urlFor: (service) => `postgres://${roleOf(service)}:${passwords[service]}@127.0.0.1:${port}/${DATABASE}`,
    query: (sql, parameters) => queryOnce(adminUrl, sql, parameters),
    async restart() {
      await server.stop();
      server = await start(port);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

const SETTINGS = { max_connections: '200', shared_buffers: '32MB', max_wal_size: '256MB', autovacuum: 'off' };
const roleOf = (service: ServiceName): string => `interlock_${service.replaceAll('-', '_')}`;
const urlWith = (url: string, database: string): string => url.replace(/\/[^/]*$/, `/${database}`);

/** A new folder that the server's user can walk through to its data; the data's own folder is closed to others. */
function walkableFolder(prefix: string): string {
  const folder = mkdtempSync(prefix);
  chmodSync(folder, 0o711);
  return folder;
}

/** Copies the made cluster to `dataDir`, with the files that stand beside it; makes it first if this is the first time. */
async function copyTemplate(cache: string, dataDir: string): Promise<void> {
  const rolesSql = readFileSync(ROLES_SQL, 'utf8');
  const template = join(cache, `test-cluster-${createHash('sha256').update(rolesSql).digest('hex').slice(0, 16)}`);
  if (!existsSync(template)) await makeTemplate(cache, template, rolesSql);
  // The server's user owns the files and must go on owning them; Node's own copy gives them to us.
  execFileSync('cp', ['-a', join(template, 'data'), dataDir]);
  for (const beside of ['password', 'roles.json']) cpSync(join(template, `data.${beside}`), `${dataDir}.${beside}`);
}

/** A template appears whole or not at all; of two makers one wins and the other's work is thrown away. */
async function makeTemplate(cache: string, template: string, rolesSql: string): Promise<void> {
  const draft = walkableFolder(join(dirname(template), `${basename(template)}-draft-`));
  try {
    const dataDir = join(draft, 'data');
    mkdirSync(dataDir);
    const server = await startPostgres({ dataDir, binCacheDir: cache, durable: false, settings: SETTINGS });
    try {
      await makeRoles(server, rolesSql, `${dataDir}.roles.json`);
    } finally {
      await server.stop();
    }
    renameSync(draft, template);
  } catch (thrown) {
    if (!existsSync(template)) throw thrown;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function makeRoles(server: RunningPostgres, rolesSql: string, passwordFile: string): Promise<void> {
  const passwords = Object.fromEntries(SERVICES.map((name) => [name, randomBytes(18).toString('base64url')]));
  const filled = SERVICES.reduce(
    (sql, name) => sql.replaceAll(`:'${roleOf(name)}_password'`, `'${passwords[name]}'`),
    rolesSql,
  );
  await queryOnce(server.adminUrl, `create database ${DATABASE}`);
  await queryOnce(urlWith(server.adminUrl, DATABASE), filled);
  writeFileSync(passwordFile, JSON.stringify(passwords), { mode: 0o600 });
}

async function queryOnce<Row extends object>(
  url: string,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new Client(url);
  await client.connect();
  try {
    return (await client.query<Row>(sql, [...parameters])).rows;
  } finally {
    await client.end();
  }
}
