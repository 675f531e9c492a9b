import type { Tx } from '@interlock/chassis/db';
import { type Hash, hashNode, type NodeAddress, type NodeReader, nodesOfRange } from '@interlock/proof';
import { joinHashes, splitHashes } from './bytes.js';
import { leafHashes } from './entry.store.js';

/** C2SP tlog-tiles: a tile is 256 hashes wide, that is 8 levels of the tree high. */
export const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;
/** A full tile of level 0 keeps the nodes over so many of its hashes: half its height. */
const INNER_WIDTH = 16;

/** One tile: level 0 holds leaf hashes, each hash above is the root of a full tile below. */
export interface TilePlace {
  readonly level: number;
  readonly n: number;
}

const placeKey = ({ level, n }: TilePlace): string => `${level}/${n}`;

/** How many hashes the tile has in a tree of `size` leaves; 0 when it does not exist yet. */
export function tileWidth({ level, n }: TilePlace, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** level);
  return Math.max(0, Math.min(TILE_WIDTH, hashes - n * TILE_WIDTH));
}

/** The tile that a node of the tree lies in, and which of its hashes the node is made of. */
function tileOfNode({ level, index }: NodeAddress): TilePlace & { from: number; count: number } {
  const tileLevel = Math.floor(level / TILE_HEIGHT);
  const count = 2 ** (level - tileLevel * TILE_HEIGHT);
  const n = Math.floor((index * count) / TILE_WIDTH);
  return { level: tileLevel, n, from: index * count - n * TILE_WIDTH, count };
}

/**
 * Stores the tiles that growing from `oldSize` to `newSize` filled. Its leaves are in `entry` already. Level 0 is written
 * once, when full; a level above grows by one hash per full tile below, so the cost of an append stays O(log size).
 */
export async function growTiles(tx: Tx, logNo: number, oldSize: number, newSize: number): Promise<void> {
  let from = Math.floor(oldSize / TILE_WIDTH);
  let to = Math.floor(newSize / TILE_WIDTH);
  for (let level = 0; from < to; level += 1) {
    const filled =
      level === 0
        ? await leafHashes(tx, logNo, from * TILE_WIDTH, to * TILE_WIDTH)
        : await hashesOfLevel(tx, logNo, level, from, to);
    const roots: Hash[] = [];
    for (let n = from; n < to; n += 1) {
      const hashes = filled.slice((n - from) * TILE_WIDTH, (n - from + 1) * TILE_WIDTH);
      if (hashes.length < TILE_WIDTH) throw new Error(`tile ${level}/${n} of log ${logNo} is not full`);
      const inner = level === 0 ? nodesAbove(hashes, INNER_WIDTH) : hashes;
      if (level === 0) await insertTile(tx, logNo, { level, n }, hashes, inner);
      roots.push(nodesAbove(inner, inner.length)[0] as Hash);
    }
    await appendToLevel(tx, logNo, level + 1, from, roots);
    from = Math.floor(from / TILE_WIDTH);
    to = Math.floor(to / TILE_WIDTH);
  }
}

/** The nodes each over `width` of these hashes, a power of two. */
function nodesAbove(hashes: readonly Hash[], width: number): readonly Hash[] {
  let row = hashes;
  for (let over = 1; over < width; over *= 2) {
    const above: Hash[] = [];
    for (let i = 0; i < row.length; i += 2) above.push(hashNode(row[i] as Hash, row[i + 1] as Hash));
    row = above;
  }
  return row;
}

async function insertTile(
  tx: Tx,
  logNo: number,
  place: TilePlace,
  hashes: readonly Hash[],
  inner: readonly Hash[],
): Promise<void> {
  await tx.query('insert into tile (log_no, level, n, hashes, inner_nodes) values ($1, $2, $3, $4, $5)', [
    logNo,
    place.level,
    place.n,
    joinHashes(hashes),
    joinHashes(inner),
  ]);
}

/** Appends hashes `[from, from + hashes.length)` of a level to the tiles they belong to. */
async function appendToLevel(
  tx: Tx,
  logNo: number,
  level: number,
  from: number,
  hashes: readonly Hash[],
): Promise<void> {
  let at = 0;
  while (at < hashes.length) {
    const n = Math.floor((from + at) / TILE_WIDTH);
    const count = Math.min(hashes.length - at, (n + 1) * TILE_WIDTH - (from + at));
    await tx.query(
      `insert into tile as t (log_no, level, n, hashes) values ($1, $2, $3, $4)
       on conflict (log_no, level, n) do update set hashes = t.hashes || excluded.hashes`,
      [logNo, level, n, joinHashes(hashes.slice(at, at + count))],
    );
    at += count;
  }
}

async function hashesOfLevel(tx: Tx, logNo: number, level: number, from: number, to: number): Promise<Hash[]> {
  const rows = await tx.query<{ hashes: Buffer }>(
    'select hashes from tile where log_no = $1 and level = $2 and n >= $3 and n < $4 order by n',
    [logNo, level, from, to],
  );
  return rows.flatMap((row) => splitHashes(row.hashes));
}

export interface LoadedTile {
  readonly hashes: readonly Hash[];
  /** Each over `INNER_WIDTH` of the hashes; empty where they are not stored. */
  readonly inner: readonly Hash[];
}

/** Tiles by place. */
export type Tiles = ReadonlyMap<string, LoadedTile>;

export interface TileRow {
  readonly level: number;
  readonly n: string;
  readonly hashes: Buffer | null;
  readonly inner_nodes: Buffer | null;
}

/** Tiles as the database told of them. */
export function tilesIn(rows: readonly TileRow[]): Tiles {
  const hashesOf = (bytes: Buffer | null): Hash[] => (bytes ? splitHashes(bytes) : []);
  return new Map(
    rows.map(({ level, n, hashes, inner_nodes: inner }) => [
      placeKey({ level, n: Number(n) }),
      { hashes: hashesOf(hashes), inner: hashesOf(inner) },
    ]),
  );
}

/** The hashes of tiles, by place, in one look; a level-0 tile that is not full yet is made of the leaves. */
async function loadTiles(tx: Tx, logNo: number, places: readonly TilePlace[]): Promise<Tiles> {
  if (places.length === 0) return new Map();
  return tilesIn(
    await tx.query<TileRow>('select level, n, hashes, inner_nodes from tiles_of($1, $2, $3)', [
      logNo,
      places.map((place) => place.level),
      places.map((place) => place.n),
    ]),
  );
}

/** Names a node, as its tiles are named. */
const nodeKey = ({ level, index }: NodeAddress): string => `${level}/${index}`;

/**
 * A reader of the given nodes, with everything it needs loaded: a few tiles, whatever the size of the log.
 *
 * @param edge the complete nodes of the tree of `size`, where they are at hand: for what lies in them the tile that still grows is not read
 * @param held tiles that are at hand already: only others are read
 */
export async function loadNodes(
  tx: Tx,
  logNo: number,
  nodes: readonly NodeAddress[],
  { size, edge, held = new Map() }: { readonly size: number; readonly edge: readonly Hash[]; readonly held?: Tiles } = {
    size: 0,
    edge: [],
  },
): Promise<NodeReader> {
  const known = new Map(
    edge.length > 0 ? nodesOfRange(0, size).map((node, at) => [nodeKey(node), edge[at]] as const) : [],
  );
  const inTiles = nodes.filter((node) => !known.has(nodeKey(node)));
  const wanted = new Map(inTiles.map((node) => [placeKey(tileOfNode(node)), tileOfNode(node)]));
  const missing = [...wanted].filter(([key]) => !held.has(key)).map(([, place]) => place);
  const tiles = new Map([...held, ...(await loadTiles(tx, logNo, missing))]);
  const folded = new Map<string, Hash>();
  // Proofs of neighbours share most of their nodes: each is folded once.
  const nodeOf = (loaded: LoadedTile | undefined, tile: string, from: number, count: number): Hash | undefined => {
    if (count === 1) return loaded?.hashes[from];
    const stored = count === INNER_WIDTH ? loaded?.inner[from / INNER_WIDTH] : undefined;
    if (stored) return stored;
    const name = `${tile} ${from} ${count}`;
    const known = folded.get(name);
    if (known) return known;
    const half = count / 2;
    const [left, right] = [nodeOf(loaded, tile, from, half), nodeOf(loaded, tile, from + half, half)];
    const hash = left && right && hashNode(left, right);
    if (hash) folded.set(name, hash);
    return hash;
  };
  return (address) => {
    const atEdge = known.get(nodeKey(address));
    if (atEdge) return atEdge;
    const { from, count, ...place } = tileOfNode(address);
    return nodeOf(tiles.get(placeKey(place)), placeKey(place), from, count);
  };
}

/** The first `width` hashes of a tile; fewer only when the log is shorter. */
export async function readTile(tx: Tx, logNo: number, place: TilePlace, width: number): Promise<Hash[]> {
  const tiles = await loadTiles(tx, logNo, [place]);
  return (tiles.get(placeKey(place))?.hashes ?? []).slice(0, width);
}
