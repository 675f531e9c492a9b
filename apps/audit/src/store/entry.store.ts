import type { Tx } from '@interlock/chassis/db';
import { type EvidenceRecord, labelsOf } from '@interlock/domain';
import type { Hash } from '@interlock/proof';
import { labelKey } from './label-key.js';

/** A leaf that found its place. */
export interface NewEntry {
  readonly logNo: number;
  readonly index: number;
  readonly position: string;
  readonly leafHash: Hash;
  /** As it lies in the log. */
  readonly record: EvidenceRecord;
  /** With what it withholds: what it is found by. */
  readonly said: EvidenceRecord;
}

/** Labels with a column and an index of their own, because they are asked for with a span of time. */
const IN_COLUMNS = /^(resource|subject):[^/]*$/;

/** Writes leaves with their places. A place that is taken is a fault: the primary key refuses a second history. */
export async function insertEntries(tx: Tx, entries: readonly NewEntry[]): Promise<void> {
  const column = <T>(pick: (entry: NewEntry) => T): T[] => entries.map(pick);
  await tx.query(
    `insert into entry (log_no, idx, position, leaf_hash, at, resource, subject, labels)
     select l, i, p, h, at, r, s, k::bigint[] from unnest($1::int[], $2::bigint[], $3::bigint[], $4::bytea[],
       $5::bigint[], $6::text[], $7::text[], $8::text[]) as n (l, i, p, h, at, r, s, k)`,
    [
      column((entry) => entry.logNo),
      column((entry) => entry.index),
      column((entry) => entry.position),
      column((entry) => entry.leafHash),
      column(({ record }) => record.at),
      column(({ said }) => said.resource?.id ?? null),
      column(({ said }) => said.subject?.id ?? null),
      column(({ logNo, said }) => `{${keysOf(logNo, said).join(',')}}`),
    ],
  );
}

/** Numbers of what a record is found by, but for what has a column of its own. */
export const keysOf = (logNo: number, record: EvidenceRecord): number[] =>
  labelsOf(record)
    .filter((label) => !IN_COLUMNS.test(label))
    .map((label) => labelKey(logNo, label));

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

/** What opens a record for whom this transaction acts: row-level security leaves out what one company keeps from it. */
export const OPENED = 'case when o.opened is null then a.opened else coalesce(a.opened, $$[]$$) || o.opened end';

/** What opens the records of `[from, to)`, in order; null where nothing does. */
export async function openedOf(tx: Tx, logNo: number, from: number, to: number): Promise<unknown[]> {
  const rows = await tx.query<{ opened: unknown }>(
    `select ${OPENED} as opened from entry e join appended a using (position) left join own_disclosure o using (position)
     where e.log_no = $1 and e.idx >= $2 and e.idx < $3 order by e.idx`,
    [logNo, from, to],
  );
  return rows.map((row) => row.opened);
}
