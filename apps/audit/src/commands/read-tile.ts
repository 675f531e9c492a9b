import type { Tx } from '@interlock/chassis/db';
import type { AskOf, ReadTile, ReplyOf } from '@interlock/contracts';
import { allow, refuse } from '@interlock/domain';
import { canonicalBytes } from '@interlock/proof';
import { findCheckpoint, noteWithCosignatures } from '../store/checkpoint.store.js';
import { openedOf, recordsOf } from '../store/entry.store.js';
import { findLog, type LogHead } from '../store/log.store.js';
import { readTile, TILE_WIDTH, tileWidth } from '../store/tile.store.js';

const PATH =
  /^tile\/(0|[1-9]|[1-5][0-9]|6[0-3]|entries|disclosures)\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;
/** A log JavaScript can count has no tile index with more digits. */
const MAX_INDEX_PARTS = 6;

/** A resource of C2SP tlog-tiles. */
export interface TilePath {
  readonly entries: boolean;
  /** Beside the layout of C2SP: what opens the entries of a bundle, which is no part of the log. */
  readonly disclosures: boolean;
  readonly level: number;
  readonly n: number;
  readonly width: number;
}

/** Reads `tile/<L>/<N>[.p/<W>]`, or with `entries` or `disclosures` for the level; one spelling each, anything else is undefined. */
export function parseTilePath(path: string): TilePath | undefined {
  const [, level, index, partial] = PATH.exec(path) ?? [];
  const parts = index?.split('/') ?? [];
  if (level === undefined || parts.length > MAX_INDEX_PARTS || (parts.length > 1 && parts[0] === 'x000'))
    return undefined;
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  if (partial !== undefined && width >= TILE_WIDTH) return undefined;
  const n = Number(parts.map((part) => part.replace('x', '')).join(''));
  const [entries, disclosures] = [level === 'entries', level === 'disclosures'];
  return { entries, disclosures, level: entries || disclosures ? 0 : Number(level), n, width };
}

/** Entry bundle: each leaf's canonical bytes behind their length in 16 bits, big-endian. */
function bundleOf(records: readonly unknown[]): Buffer {
  return Buffer.concat(
    records.flatMap((record) => {
      const bytes = canonicalBytes(record);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(bytes.length);
      return [length, bytes];
    }),
  );
}

/** Answers `audit.tile.v1`: what a static tlog-tiles server would answer, for the parties of the log only. */
export async function readTileResource(tx: Tx, ask: AskOf<typeof ReadTile>): Promise<ReplyOf<typeof ReadTile>> {
  await tx.actFor(ask.organisation);
  const head = await findLog(tx, ask.log);
  if (!head) return refuse('not_a_party');
  if (ask.path === 'checkpoint') return checkpointResource(tx, head);
  const path = parseTilePath(ask.path);
  // Another spelling of a path is no path: a static server has no such file.
  if (!path) return refuse('not_a_party');
  // Only what a checkpoint covers: an entry that no signed state contains could still be taken back.
  if (tileWidth(path, head.checkpointSize) < path.width) return refuse('not_a_party');
  const from = path.n * TILE_WIDTH;
  if (path.disclosures) return disclosuresResource(await openedOf(tx, head.no, from, from + path.width));
  const body = path.entries
    ? bundleOf(await recordsOf(tx, head.no, from, from + path.width))
    : Buffer.concat(await readTile(tx, head.no, path, path.width));
  return allow({ contentType: 'application/octet-stream', immutable: true, body: body.toString('base64') });
}

/** One line for each entry: the JSON array of what opens it, or null. It shrinks when something is erased, so nobody may keep it as a tile. */
function disclosuresResource(opened: readonly unknown[]): ReplyOf<typeof ReadTile> {
  const lines = opened.map((one) => `${JSON.stringify(one)}\n`).join('');
  return allow({
    contentType: 'application/x-ndjson',
    immutable: false,
    body: Buffer.from(lines, 'utf8').toString('base64'),
  });
}

async function checkpointResource(tx: Tx, head: LogHead): Promise<ReplyOf<typeof ReadTile>> {
  const checkpoint = await findCheckpoint(tx, head.no, head.checkpointSize);
  if (!checkpoint) return refuse('not_a_party');
  const note = await noteWithCosignatures(tx, checkpoint);
  return allow({
    contentType: 'text/plain; charset=utf-8',
    immutable: false,
    body: Buffer.from(note).toString('base64'),
  });
}
