import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateFolder } from '../durable-file.js';

/** The right to write in a folder, held by this process until it ends or releases it. */
export interface FolderLock {
  release(): void;
}

/**
 * Takes a folder for this process alone: two writers of one organisation would sign two histories. The lock is a file with a number that is
 * never replaced: who finds its holder dead makes the next number, and the file system lets only one do so.
 * Throws, naming the other process, where it is held.
 */
export function lockFolder(dir: string): FolderLock {
  makePrivateFolder(dir);
  for (;;) {
    const last = latest(dir);
    const holder = last === 0 ? undefined : readHolder(lockFile(dir, last));
    if (holder && identityOf(holder.pid) === holder.identity) {
      throw new Error(`${dir} is in use by process ${holder.pid}; end that process first`);
    }
    const mine = last + 1;
    if (!create(dir, mine)) continue;
    if (latest(dir) === mine) {
      for (const old of numbers(dir).filter((number) => number < mine)) rmSync(lockFile(dir, old), { force: true });
      return { release: () => writeFileSync(lockFile(dir, mine), '{}\n') };
    }
    rmSync(lockFile(dir, mine), { force: true });
  }
}

const lockFile = (dir: string, number: number): string => join(dir, `lock.${number}`);

function create(dir: string, number: number): boolean {
  const draft = join(dir, `draft.${process.pid}`);
  rmSync(draft, { force: true });
  writeFileSync(draft, JSON.stringify({ pid: process.pid, identity: identityOf(process.pid) }), { mode: 0o600 });
  try {
    linkSync(draft, lockFile(dir, number));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

const numbers = (dir: string): number[] =>
  readdirSync(dir).flatMap((name) => {
    const number = /^lock\.(\d+)$/.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });

const latest = (dir: string): number => Math.max(0, ...numbers(dir));

function readHolder(file: string): { pid: number; identity: string } | undefined {
  try {
    const { pid, identity } = JSON.parse(readFileSync(file, 'utf8')) as { pid?: unknown; identity?: unknown };
    return typeof pid === 'number' && typeof identity === 'string' ? { pid, identity } : undefined;
  } catch {
    return undefined;
  }
}

/** Start time of a process and the boot it belongs to: a process number alone is given to others later. */
function identityOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // The program's name may hold spaces and brackets; the fields follow its last bracket.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${fields[19]}.${boot}`;
  } catch {
    return runsWithoutProc(pid);
  }
}

/** Where the kernel shows no processes, only their being there can be asked. */
function runsWithoutProc(pid: number): string | undefined {
  if (process.platform === 'linux') return undefined;
  try {
    process.kill(pid, 0);
    return 'alive';
  } catch {
    return undefined;
  }
}
