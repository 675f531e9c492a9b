import { appendLeaves, equalHashes, frontierOf, frontierRoot, type Hash } from '@interlock/proof';
import type { ReplicatedBroker } from './replicated-broker.js';

/**
 * How many logs of a broker have more than one history: a place that is missing or given twice, or a signed state whose root is not the one over the leaves that stand there
 * now. And how many states were held against them.
 */
export async function logsOfManyHistories({ database }: ReplicatedBroker) {
  const logs = await database.query<{ no: number; size: string }>('select no, size from audit.log where size > 0');
  let [histories, states] = [0, 0];
  for (const { no, size } of logs) {
    const leaves = await database.query<{ idx: string; leaf_hash: Buffer }>(
      'select idx, leaf_hash from audit.entry where log_no = $1 order by idx',
      [no],
    );
    const signed = await database.query<{ size: string; root: Buffer }>(
      'select size, root from audit.checkpoint where log_no = $1 order by size',
      [no],
    );
    states += signed.length;
    let frontier = frontierOf(0, []);
    const whole = leaves.length === Number(size) && leaves.every(({ idx }, at) => Number(idx) === at);
    const same = signed.every((state) => {
      const further = leaves.slice(frontier.size, Number(state.size)).map(({ leaf_hash }) => leaf_hash as Hash);
      frontier = appendLeaves(frontier, further);
      return frontier.size === Number(state.size) && equalHashes(frontierRoot(frontier), state.root);
    });
    if (!whole || !same) histories += 1;
  }
  return { histories, logs: logs.length, states };
}
