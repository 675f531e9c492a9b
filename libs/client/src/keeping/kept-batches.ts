import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { makePrivateFolder, readJsonIfThere, syncFolder, writeDurably } from '@interlock/company-side';
import {
  type Batch,
  type Digest,
  hasSequence,
  type Instant,
  NO_SEQUENCES,
  type Sequences,
  withSequence,
} from '@interlock/domain';
import type { OpenedBatch } from '@interlock/proof';

/** A batch that was opened, verified and kept, with its place among all that were. */
export interface KeptBatch extends Omit<Batch, 'recipients' | 'grant'> {
  readonly offset: number;
  readonly batch: Digest;
  readonly keptAt: Instant;
}

/** Opened batches on this company's own disk, in the order in which they came, each once. */
export interface KeptBatches {
  /** The oldest place of which something may still be there. */
  readonly first: number;
  /** The place of the next batch. */
  readonly next: number;
  /** After it returns the batch survives a power cut. False where it was kept before: it is there once. */
  keep(opened: OpenedBatch, now: Instant): boolean;
  /** Those from this place on, at most so many, and no more than about 4 MiB of them. */
  read(from: number, most: number): readonly KeptBatch[];
  /** How many are there. */
  readonly count: number;
  /** Forgets what `isOver`, for good, and says what it was; `before` hears of it while it is there. What is forgotten and comes again is still known. */
  erase(isOver: (batch: KeptBatch) => boolean, before?: (going: readonly KeptBatch[]) => void): readonly Digest[];
  /** Called after each batch that was kept; returns what ends that. */
  onKept(listener: () => void): () => void;
  /** What has come of each flow from each gateway, by `flow gateway`. */
  readonly seen: ReadonlyMap<string, Sequences>;
}

interface Segment {
  readonly file: string;
  /** Place and first byte of each line, and where the last ends. */
  readonly lines: { readonly offset: number; readonly at: number }[];
  bytes: number;
}

const SEGMENT_BYTES = 8 * 1024 * 1024;
const ANSWER_BYTES = 4 * 1024 * 1024;
const SEEN = 'seen.json';

/** One process at a time: the caller holds the folder's lock. What a crash tore at the end was not acknowledged, and comes again. */
export function openKeptBatches(dir: string): KeptBatches {
  makePrivateFolder(dir);
  return new DiskBatches(dir);
}

class DiskBatches implements KeptBatches {
  readonly seen: Map<string, Sequences>;
  next: number;
  private readonly segments: Segment[];
  private readonly listeners = new Set<() => void>();

  constructor(private readonly dir: string) {
    const kept = readJsonIfThere(join(dir, SEEN)) as { next: number; seen: [string, Sequences][] } | undefined;
    this.seen = new Map(kept?.seen);
    this.next = kept?.next ?? 0;
    this.segments = readdirSync(dir)
      .filter((name) => /^\d{12}\.ndjson$/.test(name))
      .sort()
      .map((name) => this.scan(join(dir, name)));
  }

  get first(): number {
    return this.segments.find(({ lines }) => lines.length > 0)?.lines[0]?.offset ?? this.next;
  }

  get count(): number {
    return this.segments.reduce((sum, { lines }) => sum + lines.length, 0);
  }

  keep({ batch, digest }: OpenedBatch, now: Instant): boolean {
    const flow = flowOf(batch);
    if (hasSequence(this.seen.get(flow) ?? NO_SEQUENCES, batch.sequence)) return false;
    const { recipients: _recipients, grant: _grant, ...said } = batch;
    const kept: KeptBatch = { offset: this.next, batch: digest, keptAt: Math.floor(now), ...said };
    this.append(Buffer.from(`${JSON.stringify(kept)}\n`));
    this.note(kept);
    for (const listener of this.listeners) listener();
    return true;
  }

  read(from: number, most: number): readonly KeptBatch[] {
    const found: KeptBatch[] = [];
    let bytes = 0;
    for (const segment of this.segments) {
      const { lines } = segment;
      if ((lines.at(-1)?.offset ?? -1) < from) continue;
      const begin = lines.findIndex(({ offset }) => offset >= from);
      let end = begin;
      while (end < lines.length && found.length + end - begin < most && (bytes === 0 || bytes < ANSWER_BYTES)) {
        bytes += endOf(segment, end) - (lines[end]?.at ?? 0);
        end += 1;
      }
      found.push(...readLines(segment, begin, end));
      if (found.length >= most || bytes >= ANSWER_BYTES) break;
    }
    return found;
  }

  erase(
    isOver: (batch: KeptBatch) => boolean,
    before: (going: readonly KeptBatch[]) => void = () => undefined,
  ): readonly Digest[] {
    const gone: Digest[] = [];
    for (const segment of [...this.segments]) {
      const all = readLines(segment, 0, segment.lines.length);
      const left = all.filter((one) => !isOver(one));
      if (left.length === all.length) continue;
      // What has come stays known before any of it goes, so that none of it is kept a second time.
      if (gone.length === 0)
        writeDurably(join(this.dir, SEEN), JSON.stringify({ next: this.next, seen: [...this.seen] }));
      const going = all.filter(isOver);
      before(going);
      gone.push(...going.map(({ batch }) => batch));
      this.replace(segment, left);
    }
    return gone;
  }

  onKept(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private replace(segment: Segment, left: readonly KeptBatch[]): void {
    const at = this.segments.indexOf(segment);
    if (left.length === 0) {
      rmSync(segment.file, { force: true });
      syncFolder(this.dir);
      this.segments.splice(at, 1);
      return;
    }
    writeDurably(segment.file, left.map((one) => `${JSON.stringify(one)}\n`).join(''));
    this.segments[at] = this.scan(segment.file);
  }

  private append(line: Buffer): void {
    let last = this.segments.at(-1);
    if (!last || last.bytes >= SEGMENT_BYTES) {
      last = { file: join(this.dir, `${String(this.next).padStart(12, '0')}.ndjson`), lines: [], bytes: 0 };
      writeDurably(last.file, '');
      this.segments.push(last);
    }
    const file = openSync(last.file, 'r+');
    try {
      // A line of which the disk took only a part is written over by the next.
      for (let written = 0; written < line.length; )
        written += writeSync(file, line, written, line.length - written, last.bytes + written);
      fdatasyncSync(file);
    } finally {
      closeSync(file);
    }
    last.lines.push({ offset: this.next, at: last.bytes });
    last.bytes += line.length;
  }

  private note(kept: KeptBatch): void {
    const flow = flowOf(kept);
    this.seen.set(flow, withSequence(this.seen.get(flow) ?? NO_SEQUENCES, kept.sequence));
    this.next = Math.max(this.next, kept.offset + 1);
  }

  private scan(file: string): Segment {
    const content = readFileSync(file);
    const segment: Segment = { file, lines: [], bytes: content.lastIndexOf(10) + 1 };
    for (let at = 0; at < segment.bytes; ) {
      const end = content.indexOf(10, at) + 1;
      const kept = JSON.parse(content.subarray(at, end).toString('utf8')) as KeptBatch;
      segment.lines.push({ offset: kept.offset, at });
      this.note(kept);
      at = end;
    }
    if (segment.bytes < content.length) truncate(file, segment.bytes);
    return segment;
  }
}

const flowOf = ({ flow, gateway }: Pick<Batch, 'flow' | 'gateway'>): string =>
  `${flow} ${gateway.organisation}/${gateway.id}`;

const endOf = ({ lines, bytes }: Segment, at: number): number => lines[at + 1]?.at ?? bytes;

function readLines(segment: Segment, begin: number, end: number): KeptBatch[] {
  const from = segment.lines[begin]?.at;
  if (from === undefined || end <= begin) return [];
  const content = Buffer.alloc(endOf(segment, end - 1) - from);
  const file = openSync(segment.file, 'r');
  try {
    for (let got = 0; got < content.length; ) {
      const more = readSync(file, content, got, content.length - got, from + got);
      if (more === 0) throw new Error(`${segment.file} is shorter than it was`);
      got += more;
    }
  } finally {
    closeSync(file);
  }
  return content
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as KeptBatch);
}

function truncate(file: string, bytes: number): void {
  const opened = openSync(file, 'r+');
  try {
    if (fstatSync(opened).size > bytes) ftruncateSync(opened, bytes);
    fdatasyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
