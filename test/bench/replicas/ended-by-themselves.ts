import { type Launched, type LaunchSpec, launch } from '@interlock/trial';

/** Enough to hold the stack of a fault. */
const LAST_LINES = 30;

/** Starts processes and ends them on purpose; what ended before that is a finding, with its last words, and no fault of the torture. */
export class EndedByThemselves {
  readonly found: string[] = [];
  private readonly asked = new WeakSet<Launched>();

  async launch(spec: LaunchSpec): Promise<Launched> {
    const last: string[] = [];
    const started = await launch({
      ...spec,
      onLog: (line) => {
        last.push(line);
        if (last.length > LAST_LINES) last.shift();
        spec.onLog?.(line);
      },
    });
    void started.exited.then(({ code, signal }) => {
      if (this.asked.has(started)) return;
      // Output that was still in the pipe is read before this.
      setImmediate(() =>
        this.found.push(`${spec.name} ended by itself (${signal ?? `exit code ${code}`}): ${last.join(' | ')}`),
      );
    });
    return started;
  }

  /** Ends one, if it has not ended by itself, and returns when it is gone. */
  async end(one: Launched, how: 'killed' | 'stopped'): Promise<void> {
    this.asked.add(one);
    if (how === 'stopped') await one.stop();
    // Gone already, and what says so is still on its way.
    else if (!killed(one.pid)) this.asked.delete(one);
    await one.exited;
  }
}

/** False where there is no such process any more. */
function killed(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ESRCH') return false;
    throw thrown;
  }
}
