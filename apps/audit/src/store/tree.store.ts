import type { Tx } from '@interlock/chassis/db';
import type { Hash } from '@interlock/proof';
import { splitHashes } from './bytes.js';

/** One signed tree of a log, as a question needs it: in one look at the database. */
export interface Tree {
  readonly logNo: number;
  /** The size that was asked for; that of the newest checkpoint where none was. */
  readonly size: number;
  /** Whether a checkpoint of this size was ever signed. */
  readonly checkpoint: { readonly root: Hash } | undefined;
  /** The checkpoint with every cosignature there is; empty without a checkpoint. */
  readonly note: string;
  /** The complete nodes that this tree is made of, left to right, as far as they were kept with its checkpoint. */
  readonly edge: readonly Hash[];
}

/** The tree of this size, or the newest one, if this transaction's organisation may see the log. */
export async function findTree(tx: Tx, log: string, size: number | undefined): Promise<Tree | undefined> {
  const [row] = await tx.query<{
    no: number;
    size: string;
    root: Buffer | null;
    note: string | null;
    lines: string | null;
    edge: Buffer | null;
  }>('select no, size, root, note, edge, lines from tree_of($1, $2)', [log, size ?? null]);
  return (
    row && {
      logNo: row.no,
      size: Number(row.size),
      checkpoint: row.root ? { root: row.root } : undefined,
      note: (row.note ?? '') + (row.lines ?? ''),
      edge: row.edge ? splitHashes(row.edge) : [],
    }
  );
}
