import type { Tx } from '@interlock/chassis/db';
import { EVERY_ORGANISATION } from '@interlock/chassis/db';
import type { AskOf, QueryAudit, ReplyOf } from '@interlock/contracts';
import { allow, type EvidenceRecord, refuse } from '@interlock/domain';
import { findCheckpoint, noteWithCosignatures } from '../store/checkpoint.store.js';
import { findEntries } from '../store/find-entries.js';
import { findLog } from '../store/log.store.js';
import { partiesOf } from '../store/party.store.js';
import { inclusionProofs } from './prove.js';

/**
 * Answers `audit.query.v1`: the rows of one log that match, each with its proof, and the tree and the filter the answer
 * was made from. Only what is under a checkpoint is shown, so every row can be proved. A stranger to the log and a log
 * that does not exist get the same answer.
 */
export async function queryLog(tx: Tx, ask: AskOf<typeof QueryAudit>): Promise<ReplyOf<typeof QueryAudit>> {
  const { organisation, filter } = ask;
  await tx.actFor(organisation);
  const head = await findLog(tx, filter.log);
  if (!head) return refuse('not_a_party');
  const size = filter.treeSize ?? head.checkpointSize;
  if (size === 0) return allow({ filter, treeSize: 0, checkpoint: '', rows: [], next: null });
  const checkpoint = await findCheckpoint(tx, head.no, size);
  if (!checkpoint) return refuse('malformed', { detail: 'there is no checkpoint of this treeSize' });
  const found = await findEntries(tx, head.no, filter, size, await partiesFor(tx, head.no, organisation));
  const rows = found.slice(0, filter.limit);
  const proofs = await inclusionProofs(
    tx,
    head.no,
    rows.map((row) => row.index),
    size,
  );
  return allow({
    filter,
    treeSize: size,
    checkpoint: await noteWithCosignatures(tx, checkpoint),
    rows: rows.map(({ index, record }, i) => ({ index, record: record as EvidenceRecord, proof: proofs[i] ?? [] })),
    next: found.length > rows.length ? (rows.at(-1)?.index ?? null) : null,
  });
}

/** Membership was checked by the row-level security of `log`; the other parties' names are in the agreement they signed. */
async function partiesFor(tx: Tx, logNo: number, organisation: string): Promise<string[]> {
  await tx.actFor(EVERY_ORGANISATION);
  const parties = await partiesOf(tx, logNo);
  await tx.actFor(organisation);
  return parties;
}
