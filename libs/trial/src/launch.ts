import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { endProcess } from './end-process.js';
import { announcedSpawn, remember } from './guardian.js';
import { processIdentity } from './process-identity.js';
import type { RunAs } from './run-as.js';
import { until } from './until.js';

/** How a start knows that a process is ready: a line it prints, or a question that is asked until it says yes. */
export type Readiness = { readonly line: RegExp } | { readonly probe: () => Promise<boolean> };

/** A process to start. Nothing is inherited: what it may know stands in `env`. */
export interface LaunchSpec {
  /** One word: it names the log file and stands in errors. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The user to run as; only root may choose one. */
  readonly runAs?: RunAs | undefined;
  /** Without it the process counts as ready once it runs. */
  readonly ready?: Readiness;
  /** How long getting ready may take, in milliseconds (default 30 000). */
  readonly readyWithinMs?: number;
  /** How it is asked to end (default SIGTERM) and how long that may take (default 10 000 ms). */
  readonly stopSignal?: NodeJS.Signals;
  readonly stopWithinMs?: number;
  /** True for a program that does one thing and ends: a supervisor does not report that. */
  readonly endsByItself?: boolean;
  /** Every line of its output. */
  readonly onLog?: (line: string) => void;
  /** See `lockDataFolder`. */
  readonly record?: string | undefined;
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A started process. */
export interface Launched {
  readonly name: string;
  readonly pid: number;
  /** The line that matched `ready.line`. */
  readonly readyLine: string | undefined;
  /** Settles when the process has ended, for whatever reason. */
  readonly exited: Promise<Exit>;
  /** Asks it to end, insists after `stopWithinMs`, and returns when it is gone. May be called again. */
  stop(): Promise<Exit>;
}

const REMEMBERED_LINES = 20;

/**
 * Starts a process and returns when it is ready. It leads its own process group, so that Ctrl-C reaches only us and
 * the order of stopping is ours, and it ends when we end, however that happens (see `guardian.ts`).
 *
 * @throws if it ends before it is ready or is not ready in time (it is ended then), with its last lines
 */
export async function launch(spec: LaunchSpec): Promise<Launched> {
  const child = spawnGuarded(spec);
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
  const last: string[] = [];
  const matched = readLines(child, spec, last);
  if (child.pid === undefined) throw new Error(`${spec.name} could not be started: ${spec.program}`);
  const known = { pid: child.pid, identity: processIdentity(child.pid) ?? '' };
  const stop = async (): Promise<Exit> => {
    await endProcess(known, spec.stopSignal ?? 'SIGTERM', spec.stopWithinMs ?? 10_000);
    return exited;
  };
  try {
    const readyLine = await becomeReady(spec, matched, exited);
    return { name: spec.name, pid: child.pid, readyLine, exited, stop };
  } catch (error) {
    await stop();
    const said = last.length === 0 ? 'It said nothing.' : `Its last lines:\n${last.join('\n')}`;
    throw new Error(`${spec.name} ${error instanceof Error ? error.message : String(error)}. ${said}`);
  }
}

function spawnGuarded(spec: LaunchSpec): ChildProcess {
  const announcement = { name: spec.name, signal: spec.stopSignal ?? 'SIGTERM', record: spec.record };
  const { program, args, pipe } = announcedSpawn(spec.program, spec.args, announcement);
  const child = spawn(program, args, {
    cwd: spec.cwd ?? '/',
    detached: true,
    env: { ...spec.env },
    stdio: ['ignore', 'pipe', 'pipe', pipe],
    ...spec.runAs,
  });
  remember(child, announcement);
  return child;
}

function readLines(child: ChildProcess, spec: LaunchSpec, last: string[]): Promise<string> {
  return new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        last.push(line);
        if (last.length > REMEMBERED_LINES) last.shift();
        spec.onLog?.(line);
        if (spec.ready !== undefined && 'line' in spec.ready && spec.ready.line.test(line)) resolve(line);
      });
    }
  });
}

async function becomeReady(
  spec: LaunchSpec,
  matched: Promise<string>,
  exited: Promise<Exit>,
): Promise<string | undefined> {
  if (spec.ready === undefined) return undefined;
  const withinMs = spec.readyWithinMs ?? 30_000;
  const abort = new AbortController();
  const late = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new Error(`was not ready within ${withinMs} ms`)), withinMs);
    abort.signal.addEventListener('abort', () => clearTimeout(timer));
  });
  const gone = exited.then(({ code, signal }) => {
    throw new Error(`ended before it was ready (${signal ?? `exit code ${code}`})`);
  });
  gone.catch(() => undefined);
  try {
    return await Promise.race(['line' in spec.ready ? matched : asked(spec.ready.probe, abort.signal), late, gone]);
  } finally {
    abort.abort();
  }
}

async function asked(probe: () => Promise<boolean>, signal: AbortSignal): Promise<undefined> {
  const yes = async () => signal.aborted || (await probe().catch(() => false));
  while (!(await until(yes, 60_000)));
  return undefined;
}
