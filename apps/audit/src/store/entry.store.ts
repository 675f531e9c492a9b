import type { Tx } from '@interlock/chassis/db';
import type { EvidenceRecord } from '@interlock/domain';
import type { Hash } from '@interlock/proof';

/** A leaf that found its place. */
export interface NewEntry {
  readonly logNo: number;
  readonly index: number;
  readonly position: string;
  readonly leafHash: Hash;
  readonly record: EvidenceRecord;
}

/** How a resource is written in the index: owner and the owner's own id; neither can contain the separator first. */
export const resourceKey = (resource: { readonly owner: string; readonly id: string }): string =>
  `${resource.owner}/${resource.id}`;

/** How a subject is written in the index. */
export const subjectKey = (subject: {
  readonly organisation: string;
  readonly kind: string;
  readonly id: string;
}): string => `${subject.organisation}/${subject.kind}/${subject.id}`;

/** Writes leaves with their places. A place that is taken is a fault: the primary key refuses a second history. */
export async function insertEntries(tx: Tx, entries: readonly NewEntry[]): Promise<void> {
  const column = <T>(pick: (entry: NewEntry) => T): T[] => entries.map(pick);
  await tx.query(
    `insert into entry
       (log_no, idx, position, leaf_hash, at, kind, outcome, resource, subject, clause, region)
     select * from unnest($1::int[], $2::bigint[], $3::bigint[], $4::bytea[], $5::bigint[], $6::text[], $7::text[],
       $8::text[], $9::text[], $10::text[], $11::text[])`,
    [
      column((entry) => entry.logNo),
      column((entry) => entry.index),
      column((entry) => entry.position),
      column((entry) => entry.leafHash),
      column(({ record }) => record.at),
      column(({ record }) => record.kind),
      column(({ record }) => record.outcome),
      column(({ record }) => (record.resource ? resourceKey(record.resource) : null)),
      column(({ record }) => (record.subject ? subjectKey(record.subject) : null)),
      column(({ record }) => record.clause),
      column(({ record }) => record.region),
    ],
  );
  await insertApprovals(tx, entries);
}

async function insertApprovals(tx: Tx, entries: readonly NewEntry[]): Promise<void> {
  const approvals = entries.flatMap(({ logNo, index, record }) =>
    [...new Set(record.approvers)].map((approver) => ({ logNo, approver, index })),
  );
  if (approvals.length === 0) return;
  await tx.query(
    'insert into approval (log_no, approver, idx) select * from unnest($1::int[], $2::text[], $3::bigint[])',
    [
      approvals.map((approval) => approval.logNo),
      approvals.map((approval) => approval.approver),
      approvals.map((approval) => approval.index),
    ],
  );
}

/** Leaf hashes of `[from, to)`, in order. */
export async function leafHashes(tx: Tx, logNo: number, from: number, to: number): Promise<Hash[]> {
  const rows = await tx.query<{ leaf_hash: Buffer }>(
    'select leaf_hash from entry where log_no = $1 and idx >= $2 and idx < $3 order by idx',
    [logNo, from, to],
  );
  return rows.map((row) => row.leaf_hash);
}

/** Records of `[from, to)`, in order. */
export async function recordsOf(tx: Tx, logNo: number, from: number, to: number): Promise<unknown[]> {
  const rows = await tx.query<{ body: unknown }>(
    `select a.body from entry e join appended a using (position)
     where e.log_no = $1 and e.idx >= $2 and e.idx < $3 order by e.idx`,
    [logNo, from, to],
  );
  return rows.map((row) => row.body);
}

/** Records at these indexes. */
export async function recordsAt(tx: Tx, logNo: number, indexes: readonly number[]): Promise<Map<number, unknown>> {
  const rows = await tx.query<{ idx: string; body: unknown }>(
    `select e.idx, a.body from entry e join appended a using (position)
     where e.log_no = $1 and e.idx = any($2::bigint[])`,
    [logNo, indexes],
  );
  return new Map(rows.map((row) => [Number(row.idx), row.body]));
}
