import { parentPort, workerData } from 'node:worker_threads';
import type { SourceHead } from '../../../apps/audit/src/store/source-head.store.js';
import type { MakerSays, MakerTask } from './fill-history.js';
import { type Rows, rowsOfPart } from './fill-part.js';

/** In a thread: the rows of its logs, a message of each in turn, and never more under way than it was told. */
export async function makeRows(): Promise<void> {
  const { parts, atOnce, underWay } = workerData as MakerTask;
  if (!parentPort) throw new Error('rows are made in a thread');
  const port = parentPort;
  let [free, wake] = [underWay, () => undefined as unknown];
  port.on('message', () => {
    free += 1;
    wake();
  });
  const heads: SourceHead[] = [];
  let turns = parts.map((part) => rowsOfPart(part, atOnce));
  while (turns.length > 0) {
    const ended = new Set<Generator<Rows, SourceHead | undefined>>();
    for (const turn of turns) {
      const { done, value } = turn.next();
      if (done) {
        ended.add(turn);
        if (value) heads.push(value);
        continue;
      }
      while (free === 0) await new Promise<void>((resolve) => (wake = () => resolve()));
      free -= 1;
      port.postMessage({ rows: value as Rows } satisfies MakerSays);
    }
    turns = turns.filter((turn) => !ended.has(turn));
  }
  port.postMessage({ heads } satisfies MakerSays);
  port.close();
}
