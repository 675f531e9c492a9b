import type { Tx } from '@interlock/chassis/db';
import type { AskOf, CountAudit, QueryAudit, ReplyOf } from '@interlock/contracts';
import { allow, facetsOf, refuse } from '@interlock/domain';
import { findEntries } from '../store/find-entries.js';
import { findTree } from '../store/tree.store.js';
import { inclusionProofs } from './prove.js';

/** Rows that one count looks at; whoever wants more narrows the filter. */
export const MOST_COUNTED = 20_000;

/**
 * Answers `audit.query.v1`: the rows of one log that fit, each with its proof, and the tree and the filter the answer
 * was made from. Only what is under a checkpoint is shown, so every row can be proved. A stranger to the log and a log
 * that does not exist get the same answer.
 */
export async function queryLog(tx: Tx, ask: AskOf<typeof QueryAudit>): Promise<ReplyOf<typeof QueryAudit>> {
  const { organisation, filter } = ask;
  await tx.actFor(organisation);
  const tree = await findTree(tx, filter.log, filter.treeSize);
  if (!tree) return refuse('not_a_party');
  if (tree.size === 0) return allow({ filter, treeSize: 0, checkpoint: '', rows: [], next: null });
  if (!tree.checkpoint) return noSuchTree;
  const { entries, next } = await findEntries(tx, tree.logNo, filter, tree.size, filter.limit);
  const indexes = entries.map((row) => row.index);
  const proofs = await inclusionProofs(tx, tree.logNo, indexes, tree);
  return allow({
    filter,
    treeSize: tree.size,
    checkpoint: tree.note,
    rows: entries.map(({ index, record, opened, appendedAt }, i) => ({
      index,
      record,
      ...(opened.length > 0 && { opened: [...opened] }),
      proof: proofs[i] ?? [],
      appendedAt,
    })),
    next,
  });
}

/** Answers `audit.count.v1`: how many rows the answer would have, at most `MOST_COUNTED` of them, and what is in them. */
export async function countLog(tx: Tx, ask: AskOf<typeof CountAudit>): Promise<ReplyOf<typeof CountAudit>> {
  const { organisation, filter, by } = ask;
  await tx.actFor(organisation);
  const tree = await findTree(tx, filter.log, filter.treeSize);
  if (!tree) return refuse('not_a_party');
  if (!tree.checkpoint && tree.size > 0) return noSuchTree;
  const { entries, next } = await findEntries(tx, tree.logNo, filter, tree.size, MOST_COUNTED);
  const records = entries.map(({ said }) => said);
  const whole = next === null;
  return allow({ filter, treeSize: tree.size, counted: records.length, whole, facets: facetsOf(records, by) });
}

const noSuchTree = refuse('malformed', { detail: 'there is no checkpoint of this treeSize' });
