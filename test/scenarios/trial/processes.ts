import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { processIdentity, stillRuns } from '@interlock/trial';

export interface SeenProcess {
  readonly pid: number;
  readonly identity: string;
  /** The name its starter gave it, or the command line. */
  readonly name: string;
}

const pids = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** Text of a file of /proc; empty where the process is gone or another user's. */
export function procText(pid: number, file: string): string {
  try {
    return readFileSync(join('/proc', String(pid), file), 'utf8');
  } catch {
    return '';
  }
}

const parentOf = (pid: number): number => Number(procText(pid, 'stat').split(') ').at(-1)?.split(' ')[1] ?? 0);

const seen = (pid: number): SeenProcess => ({
  pid,
  identity: processIdentity(pid) ?? '',
  name: procText(pid, 'cmdline').replaceAll('\0', ' ').trim(),
});

/** A process and everything that descends from it, as they run now. */
export function family(pid: number): SeenProcess[] {
  const parents = new Map(pids().map((one) => [one, parentOf(one)]));
  const within = (one: number): boolean => one === pid || (parents.has(one) && within(parents.get(one) ?? 0));
  return [...parents.keys()].filter((one) => one > 1 && within(one)).map(seen);
}

export const alive = (processes: readonly SeenProcess[]): SeenProcess[] =>
  processes.filter(({ pid, identity }) => stillRuns(pid, identity));

/** Processes of anybody whose command line or environment names this folder. */
export const naming = (folder: string): SeenProcess[] =>
  pids()
    .filter((pid) => pid !== process.pid)
    .filter((pid) => `${procText(pid, 'cmdline')}\0${procText(pid, 'environ')}`.includes(folder))
    .map(seen);

/** The processes that a running trial recorded in its data folder, by name; the last of a name counts. */
export function recorded(dataFolder: string): Map<string, SeenProcess> {
  const lines = readFileSync(join(dataFolder, 'running'), 'utf8').split('\n').filter(Boolean);
  return new Map(
    lines
      .map((line) => line.split(' '))
      .map(([pid, identity = '', , name = '']) => [name, { pid: Number(pid), identity, name }]),
  );
}
