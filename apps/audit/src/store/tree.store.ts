import type { Tx } from '@interlock/chassis/db';
import type { Hash } from '@interlock/proof';

/** One signed tree of a log, as a question needs it: in one look at the database. */
export interface Tree {
  readonly logNo: number;
  /** The size that was asked for; that of the newest checkpoint where none was. */
  readonly size: number;
  /** Whether a checkpoint of this size was ever signed. */
  readonly checkpoint: { readonly root: Hash } | undefined;
  /** The checkpoint with every cosignature there is; empty without a checkpoint. */
  readonly note: string;
}

/** The tree of this size, or the newest one, if this transaction's organisation may see the log. */
export async function findTree(tx: Tx, log: string, size: number | undefined): Promise<Tree | undefined> {
  const [row] = await tx.query<{
    no: number;
    size: string;
    root: Buffer | null;
    note: string | null;
    lines: string | null;
  }>(
    `select l.no, coalesce($2::bigint, l.checkpoint_size) as size, c.root, c.note,
       (select string_agg(s.line, '' order by s.organisation) from cosignature s
        where s.log_no = l.no and s.size = c.size) as lines
     from log l left join checkpoint c on c.log_no = l.no and c.size = coalesce($2::bigint, l.checkpoint_size)
     where l.name = $1`,
    [log, size ?? null],
  );
  return (
    row && {
      logNo: row.no,
      size: Number(row.size),
      checkpoint: row.root ? { root: row.root } : undefined,
      note: (row.note ?? '') + (row.lines ?? ''),
    }
  );
}
