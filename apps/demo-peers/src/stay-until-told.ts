import type { EventEmitter } from 'node:events';
import type { Readable } from 'node:stream';
import type { RunningRole } from './running-role.js';

/** The parts of a process that end a role. */
export interface Endings {
  /** SIGTERM and SIGINT are emitted here. */
  readonly signals: EventEmitter;
  readonly stdin: Readable;
  /** True where a parent holds our standard input: when it dies, even by SIGKILL, the pipe closes and nothing is left behind. */
  readonly parentPipe: boolean;
}

/** Resolves once the role was told to end and has ended. A second word of the same kind changes nothing. */
export async function stayUntilTold(role: RunningRole, { signals, stdin, parentPipe }: Endings): Promise<void> {
  await new Promise<void>((told) => {
    const tell = () => told();
    signals.once('SIGTERM', tell);
    signals.once('SIGINT', tell);
    if (!parentPipe) return;
    stdin.once('end', tell);
    stdin.once('close', tell);
    stdin.once('error', tell);
    stdin.resume();
  });
  await role.close();
}
