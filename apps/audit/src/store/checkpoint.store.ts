import type { Tx } from '@interlock/chassis/db';
import type { Hash } from '@interlock/proof';
import { joinHashes } from './bytes.js';

/** A state of a log that was signed. */
export interface StoredCheckpoint {
  readonly logNo: number;
  readonly size: number;
  readonly root: Hash;
  /** The note as the log signed it, without cosignatures. */
  readonly note: string;
  /** Milliseconds since the epoch, by the broker's clock. */
  readonly madeAt: number;
}

interface CheckpointRow {
  log_no: number;
  size: string;
  root: Buffer;
  note: string;
  made_at: string;
}
const COLUMNS = 'c.log_no, c.size, c.root, c.note, c.made_at';
const toCheckpoint = (row: CheckpointRow): StoredCheckpoint => ({
  logNo: row.log_no,
  size: Number(row.size),
  root: row.root,
  note: row.note,
  madeAt: Number(row.made_at),
});

/** Stores a signed checkpoint with the right edge of its tree, and moves the log's mark. A second root for one size is a fault the key refuses. */
export async function insertCheckpoint(tx: Tx, made: StoredCheckpoint, edge: readonly Hash[]): Promise<void> {
  await tx.query('insert into checkpoint (log_no, size, root, note, made_at, edge) values ($1, $2, $3, $4, $5, $6)', [
    made.logNo,
    made.size,
    made.root,
    made.note,
    made.madeAt,
    joinHashes(edge),
  ]);
  await tx.query('update log set checkpoint_size = $2 where no = $1', [made.logNo, made.size]);
}

/** The checkpoint of exactly this size. */
export async function findCheckpoint(tx: Tx, logNo: number, size: number): Promise<StoredCheckpoint | undefined> {
  const [row] = await tx.query<CheckpointRow>(
    `select ${COLUMNS} from checkpoint c where c.log_no = $1 and c.size = $2`,
    [logNo, size],
  );
  return row && toCheckpoint(row);
}

/** The newest checkpoint that at least so many organisations have cosigned: a silent one holds up nobody who does not ask for it. */
export async function newestCosignedBy(
  tx: Tx,
  logNo: number,
  cosigners: number,
): Promise<StoredCheckpoint | undefined> {
  const [row] = await tx.query<CheckpointRow>(
    `select ${COLUMNS} from checkpoint c
     where c.log_no = $1 and c.size = (
       select s.size from cosignature s where s.log_no = $1
       group by s.size having count(*) >= $2 order by s.size desc limit 1)`,
    [logNo, cosigners],
  );
  return row && toCheckpoint(row);
}

/** The first checkpoint with the entry at `index` that any witness cosigned, or the last one without it: between the two it came. */
export async function cosignedBeside(
  tx: Tx,
  logNo: number,
  which: 'covering' | 'before',
  index: number,
): Promise<StoredCheckpoint | undefined> {
  const [fits, order] = which === 'covering' ? ['>', 'asc'] : ['<=', 'desc'];
  const [row] = await tx.query<CheckpointRow>(
    `select ${COLUMNS} from checkpoint c
     where c.log_no = $1 and c.size = (
       select s.size from cosignature s where s.log_no = $1 and s.size ${fits} $2 order by s.size ${order} limit 1)`,
    [logNo, index],
  );
  return row && toCheckpoint(row);
}

/** The newest checkpoint that every witness of the log has cosigned; with no witness there is none. */
export async function newestCosigned(tx: Tx, logNo: number): Promise<StoredCheckpoint | undefined> {
  const [row] = await tx.query<CheckpointRow>(
    `select ${COLUMNS} from checkpoint c
     where c.log_no = $1
       and exists (select from witness w where w.log_no = $1)
       and not exists (
         select from witness w
         where w.log_no = $1 and not exists (
           select from cosignature s
           where s.log_no = $1 and s.size = c.size and s.organisation = w.organisation))
     order by c.size desc limit 1`,
    [logNo],
  );
  return row && toCheckpoint(row);
}

/** Signature lines of the witnesses under one checkpoint, in the order of their organisations' names. */
export async function cosignatureLines(tx: Tx, logNo: number, size: number): Promise<string[]> {
  const rows = await tx.query<{ line: string }>(
    'select line from cosignature where log_no = $1 and size = $2 order by organisation',
    [logNo, size],
  );
  return rows.map((row) => row.line);
}

/** The whole note: the log's signature and every cosignature there is. */
export const noteWithCosignatures = async (tx: Tx, checkpoint: StoredCheckpoint): Promise<string> =>
  checkpoint.note + (await cosignatureLines(tx, checkpoint.logNo, checkpoint.size)).join('');

/**
 * Remembers the log key at the first checkpoint and throws for any other one afterwards: a service restored without its
 * key must stop and say so, because to every witness a new key is a new log.
 */
export async function requireSameKey(tx: Tx, vkey: string): Promise<void> {
  await tx.query('insert into signing_key (vkey) values ($1) on conflict do nothing', [vkey]);
  const [row] = await tx.query<{ vkey: string }>('select vkey from signing_key');
  if (row?.vkey !== vkey)
    throw new Error('LOG_KEY_FILE is not the key that signed before; restore the file from its backup');
}
