import { linkSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endProcess } from './end-process.js';
import { processIdentity, stillRuns } from './process-identity.js';

/** The right to use a data folder, held by this process. */
export interface DataFolderLock {
  readonly dir: string;
  /** File in which `launch` keeps what it started, for the next holder. */
  readonly record: string;
  /** Processes of a killed start that were found alive and ended. */
  readonly ended: readonly string[];
  /** Gives the right back. It ends with the process anyway. */
  release(): void;
}

interface Holder {
  readonly pid: number;
  readonly identity: string;
}

/**
 * Takes a data folder for this process alone, and ends what a killed start may have left running on it.
 *
 * The lock is a file with a number, `lock.<n>`. It is never replaced: whoever finds its holder dead makes number n+1,
 * and the file system lets only one do so. A reader that looked at an older number sees the newer one and gives way.
 *
 * @throws if another live process holds it, naming that process
 */
export async function lockDataFolder(dir: string): Promise<DataFolderLock> {
  // Others may walk through it (a server that runs as another user has its own folder inside), not look around in it.
  mkdirSync(dir, { recursive: true, mode: 0o711 });
  const folder = realpathSync(dir);
  const mine: Holder = { pid: process.pid, identity: processIdentity(process.pid) ?? '' };
  const number = take(folder, mine);
  const record = join(folder, 'running');
  const ended = await endRecorded(record);
  writeFileSync(record, '', { mode: 0o600 });
  return {
    dir: folder,
    record,
    ended,
    release: () => {
      // The number stays, so that it never starts again from one.
      if (latest(folder) === number) writeFileSync(join(folder, `lock.${number}`), '{}\n');
    },
  };
}

function take(folder: string, mine: Holder): number {
  for (;;) {
    const last = latest(folder);
    const holder = last === 0 ? undefined : holderOf(join(folder, `lock.${last}`));
    if (holder !== undefined && stillRuns(holder.pid, holder.identity)) {
      throw new Error(
        `${folder} is in use by process ${holder.pid}. End that process first, or choose another data folder.`,
      );
    }
    if (!create(folder, last + 1, mine)) continue;
    if (latest(folder) !== last + 1) {
      rmSync(join(folder, `lock.${last + 1}`), { force: true });
      continue;
    }
    for (const old of numbers(folder).filter((number) => number <= last)) {
      rmSync(join(folder, `lock.${old}`), { force: true });
    }
    return last + 1;
  }
}

/** Puts the whole file in place in one step, or says that somebody else did. */
function create(folder: string, number: number, mine: Holder): boolean {
  const draft = join(folder, `draft.${mine.pid}`);
  rmSync(draft, { force: true });
  writeFileSync(draft, `${JSON.stringify(mine)}\n`, { mode: 0o600 });
  try {
    linkSync(draft, join(folder, `lock.${number}`));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function numbers(folder: string): number[] {
  return readdirSync(folder).flatMap((name) => {
    const number = /^lock\.(\d+)$/.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}

function latest(folder: string): number {
  return Math.max(0, ...numbers(folder));
}

function holderOf(file: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8')) as Partial<Holder>;
    if (typeof holder.pid !== 'number' || typeof holder.identity !== 'string') return undefined;
    return { pid: holder.pid, identity: holder.identity };
  } catch {
    return undefined;
  }
}

const GRACE_MS = 10_000;

/** Lines of the guardian: pid, identity, signal, name. Last started, first ended. */
async function endRecorded(record: string): Promise<string[]> {
  const ended: string[] = [];
  for (const line of recordedLines(record).reverse()) {
    const [pid, identity = '', signal, name = ''] = line.split(' ');
    if (!stillRuns(Number(pid), identity)) continue;
    await endProcess({ pid: Number(pid), identity }, `SIG${signal}` as NodeJS.Signals, GRACE_MS);
    ended.push(`${name} (${pid})`);
  }
  return ended;
}

function recordedLines(record: string): string[] {
  try {
    return readFileSync(record, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}
