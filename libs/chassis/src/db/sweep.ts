import type { Transactor } from './transactor.js';

/** A stream keeps a message for 14 days; what was handled is remembered for longer than it can come again. A key counts for a day. */
const KEPT: readonly (readonly [table: string, moment: string, days: number])[] = [
  ['outbox', 'published_at', 15],
  ['inbox', 'handled_at', 30],
  ['answers', 'answered_at', 1],
];
const BATCH = 5_000;

/**
 * Forgets what can no longer come again: published facts, handled deliveries, answers. Dead letters stay.
 * True if there is more to forget. Safe to run in several replicas.
 */
export async function sweep(transactor: Transactor): Promise<boolean> {
  let more = false;
  for (const [table, moment, days] of KEPT) {
    const gone = await transactor.run((tx) =>
      tx.query(
        `delete from ${table} where ctid = any(array(
           select ctid from ${table} where ${moment} < now() - make_interval(days => $1)
           limit ${BATCH} for update skip locked)) returning 1`,
        [days],
      ),
    );
    more ||= gone.length === BATCH;
  }
  return more;
}
