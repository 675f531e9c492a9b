import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { DataFolderLock } from './data-folder-lock.js';
import { type Launched, type LaunchSpec, launch } from './launch.js';

/** Starts one process for a caller; `launch` and a supervisor's `start` are such. */
export type Launch = (spec: LaunchSpec) => Promise<Launched>;

/**
 * Starts the processes of one data folder and stops them in the reverse order. It restarts nothing: a process that
 * ends is reported, and what that means is the caller's decision.
 */
export class Supervisor {
  private readonly running: Launched[] = [];
  private stopping = false;

  /**
   * @param lock the folder is ours; logs go to its `logs/<name>.log`
   * @param onUnexpectedExit told of a process that ended though nobody asked it to
   */
  constructor(
    private readonly lock: DataFolderLock,
    private readonly onUnexpectedExit: (process: Launched, lastWords: string) => void = () => undefined,
  ) {
    mkdirSync(join(lock.dir, 'logs'), { recursive: true, mode: 0o700 });
  }

  /** Starts a process as `launch` does, and keeps its output in its log file. */
  readonly start: Launch = async (spec) => {
    if (this.stopping) throw new Error(`${spec.name} is not started: everything is being stopped`);
    const log = openSync(this.logFile(spec.name), 'a', 0o600);
    let lastLine = '';
    try {
      const launched = await launch({
        ...spec,
        record: this.lock.record,
        onLog: (line) => {
          lastLine = line;
          writeSync(log, `${line}\n`);
          spec.onLog?.(line);
        },
      });
      this.watch(launched, log, () => (spec.endsByItself ? undefined : lastLine));
      return this.adopt(launched);
    } catch (error) {
      closeSync(log);
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`${reason}\nThe whole log: ${this.logFile(spec.name)}`);
    }
  };

  /** The processes that run now, in the order they were started. */
  processes(): readonly Launched[] {
    return [...this.running];
  }

  logFile(name: string): string {
    return join(this.lock.dir, 'logs', `${name}.log`);
  }

  /** Stops everything, last started first, one after the other: nobody loses what he still needs. */
  async stopAll(): Promise<void> {
    this.stopping = true;
    for (let last = this.running.at(-1); last !== undefined; last = this.running.at(-1)) {
      await last.stop();
      this.forget(last);
    }
    this.stopping = false;
  }

  private adopt(launched: Launched): Launched {
    const stop = () => {
      this.forget(launched);
      return launched.stop();
    };
    return { ...launched, stop };
  }

  private watch(launched: Launched, log: number, lastWords: () => string | undefined): void {
    this.running.push(launched);
    void launched.exited.then(() => {
      const words = this.stopping || !this.running.includes(launched) ? undefined : lastWords();
      this.forget(launched);
      // Output that was still in the pipe is read before this.
      setImmediate(() => closeSync(log));
      if (words !== undefined) this.onUnexpectedExit(launched, words);
    });
  }

  private forget(launched: Launched): void {
    const at = this.running.indexOf(launched);
    if (at >= 0) this.running.splice(at, 1);
  }
}
