import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '@interlock/domain';
import { syncFolder } from '../durable-file.js';
import { EMPTY_HEAD, type JournalHead, readLine } from './line.js';

/** The journal's files contradict its chain in a place where no crash can have done it. It is not opened: somebody must look. */
export class JournalDamaged extends Error {
  override readonly name = 'JournalDamaged';
}

/** One file of a journal; `first` is the sequence of its first line. */
export interface Segment {
  readonly first: number;
  readonly file: string;
  bytes: number;
}

/** What a crash can leave unwritten or half written is never longer than one batch of one fsync. */
export const LONGEST_BATCH = 1024 * 1024;

export const segmentFile = (dir: string, first: number): string =>
  join(dir, `segment-${String(first).padStart(16, '0')}.ndjson`);

export function listSegments(dir: string): Segment[] {
  return readdirSync(dir)
    .flatMap((name) => {
      const first = /^segment-(\d{16})\.ndjson$/.exec(name)?.[1];
      const file = join(dir, name);
      return first === undefined ? [] : [{ first: Number(first), file, bytes: statSync(file).size }];
    })
    .sort((a, b) => a.first - b.first);
}

/**
 * Walks the whole chain and returns its head. What follows the last whole line of the last file was never acknowledged: it
 * is set aside in a file of its own and cut off. A break anywhere else throws.
 */
export function recover(dir: string, segments: readonly Segment[]): JournalHead {
  let head = firstHead(segments[0]);
  for (const [at, segment] of segments.entries()) {
    if (segment.first !== head.sequence + 1)
      throw new JournalDamaged(`${dir}: entries before ${segment.first} are missing`);
    const content = readFileSync(segment.file);
    const walked = walk(content, head);
    head = walked.head;
    if (walked.end === content.length) continue;
    const torn = content.length - walked.end;
    if (at !== segments.length - 1 || torn > LONGEST_BATCH) {
      throw new JournalDamaged(
        `${segment.file} breaks after entry ${head.sequence}; keep the file and restore from a copy`,
      );
    }
    setAside(dir, segment, content, walked.end);
  }
  return head;
}

/** Earlier files may have been dropped after delivery: then the first line left says what it followed. */
function firstHead(first: Segment | undefined): JournalHead {
  if (!first || first.first === 1) return EMPTY_HEAD;
  const line = readFileSync(first.file, 'utf8').split('\n', 1)[0] ?? '';
  try {
    const previous = (JSON.parse(line) as { previous: Digest }).previous;
    return { sequence: first.first - 1, digest: previous };
  } catch (cause) {
    throw new JournalDamaged(`${first.file} does not begin with a line`, { cause });
  }
}

function setAside(dir: string, segment: Segment, content: Buffer, end: number): void {
  const name = (n: number) => join(dir, `torn-${String(segment.first).padStart(16, '0')}-${end}-${n}.bin`);
  let n = 0;
  while (existsSync(name(n))) n += 1;
  writeFileSync(name(n), content.subarray(end), { mode: 0o600, flush: true });
  truncateSync(segment.file, end);
  segment.bytes = end;
  syncFolder(dir);
}

/** Reads lines that follow `head` until the chain breaks or the bytes end. */
function walk(content: Buffer, head: JournalHead): { readonly head: JournalHead; readonly end: number } {
  let at = 0;
  let now = head;
  for (;;) {
    const newline = content.indexOf(0x0a, at);
    if (newline < 0) return { head: now, end: at };
    const line = readLine(content.subarray(at, newline), now);
    if (!line.allowed) return { head: now, end: at };
    now = { sequence: line.value.sequence, digest: line.value.digest };
    at = newline + 1;
  }
}
