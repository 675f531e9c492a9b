import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNatsServer, openCacheFolder, until } from '@interlock/trial';

/** Found from below, as this file also runs inside a bundle that lies elsewhere in the repository. */
export const ROOT = rootAbove(dirname(fileURLToPath(import.meta.url)));
const PROGRAM = join(ROOT, 'dist', 'apps', 'cli', 'main.js');

/** Generous: a machine that is busy with other tests starts twenty processes slowly. */
export const STARTS_WITHIN = 90_000;

function rootAbove(folder: string): string {
  if (existsSync(join(folder, 'nx.json'))) return folder;
  if (folder === dirname(folder)) throw new Error('this file lies in no clone of the project');
  return rootAbove(dirname(folder));
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** `interlock up` as a person started it: one process from outside, with what it says and how it ends. */
export interface Up {
  readonly pid: number;
  readonly dir: string;
  /** Everything it said so far, both outputs. */
  said(): string;
  /** The last line of standard output, as JSON. */
  report(): unknown;
  /** Waits for a line; throws with everything it said if it ends first or takes longer than `milliseconds`. */
  says(wanted: RegExp, milliseconds?: number): Promise<void>;
  send(signal: NodeJS.Signals): void;
  ended(milliseconds?: number): Promise<Ending>;
}

export interface UpOptions {
  readonly dir: string;
  readonly args?: readonly string[];
  /** Only root may choose. Such a user needs a home and a place for temporary files of its own. */
  readonly user?: { readonly uid: number; readonly home: string };
}

/** The nats-server that tests of this machine share, so that no user has to fetch one of its own. */
export const sharedNatsServer = (): Promise<string> =>
  findNatsServer(openCacheFolder(), () => undefined, { configured: process.env.INTERLOCK_NATS_SERVER });

/** Starts the bundled command line with nothing of this process's environment. */
export async function interlockUp({ dir, args = [], user }: UpOptions): Promise<Up> {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing; "npm test" and "npm run build" make it`);
  const home = user?.home ?? dirname(dir);
  const child = spawn(process.execPath, ['--enable-source-maps', PROGRAM, 'up', '--data', dir, ...args], {
    cwd: home,
    env: {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      HOME: home,
      INTERLOCK_NATS_SERVER: await sharedNatsServer(),
      ...(user && { TMPDIR: home }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(user && { uid: user.uid, gid: user.uid }),
  });
  return watched(child, dir);
}

function watched(child: ChildProcess, dir: string): Up {
  let [out, all] = ['', ''];
  child.stdout?.on('data', (chunk) => {
    out += String(chunk);
    all += String(chunk);
  });
  child.stderr?.on('data', (chunk) => (all += String(chunk)));
  let ending: Ending | undefined;
  child.once('close', (code, signal) => (ending = { code, signal }));
  // Whatever becomes of a test, nothing that it started outlives it: the trial's guardian follows its starter.
  process.once('exit', () => child.kill('SIGKILL'));
  const outOfTime = (what: string) => new Error(`interlock up ${what}. It said:\n${all}`);
  return {
    pid: child.pid ?? -1,
    dir,
    said: () => all,
    report: () => JSON.parse(out.trimEnd().split('\n').at(-1) ?? ''),
    says: async (wanted, milliseconds = STARTS_WITHIN) => {
      await until(async () => wanted.test(all) || ending !== undefined, milliseconds);
      if (!wanted.test(all)) throw outOfTime(`did not say ${wanted}`);
    },
    send: (signal) => void child.kill(signal),
    ended: async (milliseconds = STARTS_WITHIN) => {
      await until(async () => ending !== undefined, milliseconds);
      if (!ending) throw outOfTime('did not end');
      return ending;
    },
  };
}
