import type { Log } from '../log/logger.js';
import type { Metrics } from '../metrics/metrics.js';

/** Work that a service repeats by itself, such as sequencing a log. */
export interface Worker {
  readonly name: string;
  /** Rest between two runs. Milliseconds. */
  readonly everyMs: number;
  /** One run. True means that there is more to do at once. It must be safe to run in several replicas. */
  work(): Promise<boolean | undefined>;
}

const GIVE_UP_LISTENING_AFTER = 3;

/** Runs workers until it is stopped. A worker that throws is logged and runs again after its rest. */
export class Workers {
  private readonly failures = new Map<string, number>();
  private loops: Promise<void>[] = [];
  private stopping = false;
  private readonly rests = new Set<() => void>();

  constructor(
    private readonly workers: readonly Worker[],
    private readonly log: Log,
    private readonly metrics?: Metrics,
  ) {}

  start(): void {
    this.loops = this.workers.map((worker) => this.loop(worker));
  }

  /** Resolves when the runs under way have ended. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const end of this.rests) end();
    await Promise.all(this.loops);
  }

  /** The worker that has failed several times in a row, if there is one. */
  trouble(): string | undefined {
    const [stuck] = [...this.failures].find(([, count]) => count >= GIVE_UP_LISTENING_AFTER) ?? [];
    return stuck === undefined ? undefined : `${stuck} fails`;
  }

  private async loop(worker: Worker): Promise<void> {
    while (!this.stopping) {
      let more: boolean | undefined = false;
      try {
        more = await worker.work();
        this.failures.delete(worker.name);
        this.metrics?.count('workerRuns', { worker: worker.name, outcome: 'done' });
      } catch (thrown) {
        this.failures.set(worker.name, (this.failures.get(worker.name) ?? 0) + 1);
        this.metrics?.count('workerRuns', { worker: worker.name, outcome: 'failed' });
        this.log.error({ event: 'worker.failed', context: worker.name, err: thrown }, 'worker failed');
      }
      if (more !== true && !this.stopping) await this.rest(worker.everyMs);
    }
  }

  private rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.rests.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.rests.add(end);
    });
  }
}
