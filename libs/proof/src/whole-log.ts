import { evidenceRecord } from '@interlock/contracts';
import {
  asLogged,
  closedMembers,
  couldFit,
  type Decision,
  type EvidenceFilter,
  type EvidenceRecord,
  fitsFilter,
  refuse,
} from '@interlock/domain';
import { canonicalBytes, parseCanonical } from './canonical-json.js';
import { openRecord } from './disclosure.js';
import { appendLeaves, emptyFrontier, equalHashes, frontierRoot, type Hash, hashLeaf } from './log/index.js';
import {
  type LogAnswerRefusal,
  type LogReader,
  type ReadCheckpoint,
  readCheckpointOf,
  SAID_BEFORE,
} from './log-answer.js';
import { SaidOnce } from './said-once.js';

/** Leaves are hashed so many at a time; of each record no more is kept than what tells it from the others. */
const AT_ONCE = 1_024;

/** A record at its place, with what was opened of what it withholds, and what opened it. */
export type SeeRecord = (index: number, record: EvidenceRecord, disclosed: readonly string[]) => void;

/**
 * Reads a log from its first leaf to its last and verifies that these leaves, and no others, make the tree of the checkpoint, which the
 * log signed and as many companies cosigned as agreed, and that no record stands in it twice: a fact that an operator writes down again is grown
 * honestly, and every witness cosigns it. `see` is shown every record with its place; what it was shown counts only if the
 * answer is a yes. `entries` are canonical bytes, as C2SP entry bundles hold them; those past the tree are not looked at. `opened` is what
 * opens the record at a place, where the reader holds it; one that opens nothing there refuses the log.
 */
export async function verifyWholeLog(
  note: string,
  log: string,
  reader: LogReader,
  entries: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  see: SeeRecord = () => undefined,
  opened: (index: number) => readonly string[] = () => [],
): Promise<Decision<ReadCheckpoint, LogAnswerRefusal>> {
  const read = readCheckpointOf(note, reader);
  if (!read.allowed) return read;
  const { size, root } = read.value.checkpoint;
  let frontier = emptyFrontier();
  let leaves: Hash[] = [];
  const said = new SaidOnce();
  for await (const entry of entries) {
    const index = frontier.size + leaves.length;
    if (index >= size) break;
    const parsed = parseCanonical(entry);
    const record = parsed.allowed ? evidenceRecord.safeParse(parsed.value) : undefined;
    const disclosed = opened(index);
    const open = record?.success ? openRecord(record.data, disclosed) : undefined;
    if (!open?.allowed || open.value.log !== log) return refuse('evidence_rejected', { clause: `row ${index}` });
    if (!said.take(open.value.id)) return refuse('evidence_rejected', { clause: `row ${index}`, detail: SAID_BEFORE });
    leaves.push(hashLeaf(entry));
    see(index, open.value, disclosed);
    if (leaves.length === AT_ONCE) [frontier, leaves] = [appendLeaves(frontier, leaves), []];
  }
  frontier = appendLeaves(frontier, leaves);
  if (frontier.size !== size) return refuse('evidence_rejected', { clause: `row ${frontier.size}`, detail: 'missing' });
  if (!equalHashes(frontierRoot(frontier), root)) return refuse('evidence_rejected', { clause: 'checkpoint' });
  return read;
}

/** What somebody was told: the tree, the filter, and the rows from it, from the first one on. */
export interface ToldAnswer {
  readonly treeSize: number;
  readonly filter: EvidenceFilter;
  readonly rows: readonly { readonly index: number; readonly record: EvidenceRecord }[];
}

/** Places that fit the filter and were not told, and places that were told and are not in the log so, or do not fit. */
export interface Completeness {
  readonly missing: readonly number[];
  readonly added: readonly number[];
  /** Places that may fit or may not: what they say of persons was erased, or was not handed over with the log. */
  readonly unreadable: readonly number[];
}

/** Re-runs the filter of an answer over the records of a log as they are seen, and says what the answer left out or invented. */
export function completenessOf(answer: ToldAnswer): {
  see(index: number, record: EvidenceRecord): void;
  result(): Completeness;
} {
  const told = new Map(answer.rows.map(({ index, record }) => [index, record]));
  const missing: number[] = [];
  const unreadable: number[] = [];
  const doubled = answer.rows.length > told.size ? answer.rows.map(({ index }) => index) : [];
  const added = new Set(doubled.filter((index, at) => doubled.indexOf(index) !== at));
  return {
    see(index, record) {
      if (index >= answer.treeSize) return;
      const row = told.get(index);
      const fits = fitsFilter(record, answer.filter);
      const unknown = !fits && couldFit(record, answer.filter);
      if (!row && fits) missing.push(index);
      if (unknown) unreadable.push(index);
      // Told as it lies in the log; what opens it may have been erased since then.
      if (row && (fits || unknown) && sameAsFarAsOpen(row, record)) told.delete(index);
    },
    result: () => ({ missing, added: [...added, ...told.keys()].sort((a, b) => a - b), unreadable }),
  };
}

function sameAsFarAsOpen(one: EvidenceRecord, other: EvidenceRecord): boolean {
  const closed = [one, other].some((record) => closedMembers(record).length > 0);
  const [left, right] = closed ? [asLogged(one), asLogged(other)] : [one, other];
  return canonicalBytes(left).equals(canonicalBytes(right));
}

/** The entries of a C2SP entry bundle: each behind its length in 16 bits, big-endian. Undefined where the bytes end inside one. */
export function entriesOf(bundle: Uint8Array): Uint8Array[] | undefined {
  const bytes = Buffer.from(bundle.buffer, bundle.byteOffset, bundle.length);
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + 2 > bytes.length) return undefined;
    const end = at + 2 + bytes.readUInt16BE(at);
    if (end > bytes.length) return undefined;
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return entries;
}

/** The path of a tile or an entry bundle of 256 in C2SP tlog-tiles; `width` below 256 names a partial one. */
export function tilePathOf(level: number | 'entries', n: number, width: number): string {
  const digits = String(n).padStart(Math.ceil(String(n).length / 3) * 3, '0');
  const groups = digits.match(/.{3}/g) ?? [];
  const index = groups.map((group, at) => (at === groups.length - 1 ? group : `x${group}`)).join('/');
  return `tile/${level}/${index}${width < TILE ? `.p/${width}` : ''}`;
}
const TILE = 256;

/** Every file of a static copy of a log of this size: tiles of all levels and entry bundles, in the order of the leaves. */
export function* filesOfLog(size: number): Generator<{ readonly path: string; readonly entries: boolean }> {
  for (let n = 0; n * TILE < size; n += 1) {
    const width = Math.min(TILE, size - n * TILE);
    yield { path: tilePathOf('entries', n, width), entries: true };
    yield { path: tilePathOf(0, n, width), entries: false };
  }
  for (let level = 1; TILE ** level <= size; level += 1) {
    const hashes = Math.floor(size / TILE ** level);
    for (let n = 0; n * TILE < hashes; n += 1)
      yield { path: tilePathOf(level, n, Math.min(TILE, hashes - n * TILE)), entries: false };
  }
}
