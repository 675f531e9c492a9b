import type { Tx } from '@interlock/chassis/db';
import type { Hash } from '@interlock/proof';
import { splitHashes } from './bytes.js';
import { type TileRow, type Tiles, tilesIn } from './tile.store.js';

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

interface TreeRow {
  readonly no: number;
  readonly size: string;
  readonly root: Buffer | null;
  readonly note: string | null;
  readonly lines: string | null;
  readonly edge: Buffer | null;
}

const treeIn = ({ no, size, root, note, lines, edge }: TreeRow): Tree => ({
  logNo: no,
  size: Number(size),
  checkpoint: root ? { root } : undefined,
  note: (note ?? '') + (lines ?? ''),
  edge: edge ? splitHashes(edge) : [],
});

/** The tree of this size, or the newest one, if this transaction's organisation may see the log. */
export async function findTree(tx: Tx, log: string, size: number | undefined): Promise<Tree | undefined> {
  const [row] = await tx.query<TreeRow>('select no, size, root, note, edge, lines from tree_of($1, $2)', [
    log,
    size ?? null,
  ]);
  return row && treeIn(row);
}

/** A tree with what proofs of some of its leaves are made of. */
export interface TreeWithLeaves {
  readonly tree: Tree;
  /** By index; also such as are in the log and not in this tree. */
  readonly records: ReadonlyMap<number, unknown>;
  /** Those on the ways from the leaves up. */
  readonly tiles: Tiles;
}

type ProofRow = TreeRow & TileRow & { readonly body: unknown };

/** The same with the records at these indexes and the tiles their proofs lie in, in one look. */
export async function findLeaves(
  tx: Tx,
  log: string,
  size: number | undefined,
  indexes: readonly number[],
): Promise<TreeWithLeaves | undefined> {
  const [first, ...rows] = await tx.query<ProofRow>(
    'select no, size, root, note, edge, lines, level, n, hashes, inner_nodes, body from proof_of($1, $2, $3)',
    [log, size ?? null, indexes],
  );
  if (!first) return undefined;
  const isTile = ({ level }: ProofRow) => level !== null;
  return {
    tree: treeIn(first),
    records: new Map(rows.filter((row) => !isTile(row)).map(({ n, body }) => [Number(n), body])),
    tiles: tilesIn(rows.filter(isTile)),
  };
}
