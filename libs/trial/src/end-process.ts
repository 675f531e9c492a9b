import { stillRuns } from './process-identity.js';
import { until } from './until.js';

/** A process as it was when it started; see `processIdentity`. */
export interface KnownProcess {
  readonly pid: number;
  readonly identity: string;
}

/**
 * Ends a process if it is still the one that is meant, first politely, then for good together with its group.
 * A pid that was given to another process since is left alone.
 *
 * @param graceMs how long it may take to end by itself, in milliseconds
 */
export async function endProcess(known: KnownProcess, signal: NodeJS.Signals, graceMs: number): Promise<void> {
  if (!send(known, known.pid, signal)) return;
  if (await until(() => !stillRuns(known.pid, known.identity), graceMs)) return;
  // Every launched process leads its own group.
  if (!send(known, -known.pid, 'SIGKILL')) send(known, known.pid, 'SIGKILL');
  await until(() => !stillRuns(known.pid, known.identity), graceMs);
}

function send(known: KnownProcess, target: number, signal: NodeJS.Signals): boolean {
  if (!stillRuns(known.pid, known.identity)) return false;
  try {
    process.kill(target, signal);
    return true;
  } catch {
    return false;
  }
}
