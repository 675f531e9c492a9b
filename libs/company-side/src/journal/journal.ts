import { rmSync } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { allow, type Decision, refuse } from '@interlock/domain';
import { makePrivateFolder, readJsonIfThere, syncFolder, writeDurably } from '../durable-file.js';
import { type JournalHead, type JournalLine, lineAfter, type WholeEntry, wholeEntry } from './line.js';
import { type Place, readLines } from './read-lines.js';
import { holdReserve, releaseReserve } from './reserve.js';
import { LONGEST_BATCH, listSegments, recover, type Segment, segmentFile } from './segments.js';

export interface JournalLimits {
  /** Bytes all files of the journal may take together. */
  readonly maxBytes: number;
  /** Bytes of it that only urgent entries may take; they are allocated on the disk from the start. */
  readonly reservedBytes: number;
  /** Bytes of one file; a whole file is dropped at a time. */
  readonly segmentBytes?: number;
}

export type Appended = Decision<JournalLine, 'evidence_unavailable'>;

/** Entries on this machine's disk, each naming the one before it. */
export interface Journal {
  readonly head: JournalHead;
  /** Everything up to this sequence has reached its reader. */
  readonly delivered: number;
  /** Resolves when the entry survives a power cut. Refused when the space for ordinary entries is used up, or the disk fails. */
  append(entry: unknown): Promise<Appended>;
  /** The same from the reserved space, and before ordinary entries that still wait: for cuts. */
  appendUrgent(entry: unknown): Promise<Appended>;
  /** Every durable entry from `sequence` on, in order. Entries appended while it reads may be missing. */
  readFrom(sequence: number): AsyncGenerator<JournalLine>;
  /** What its reader left with the mark of what was delivered; undefined where it left nothing. */
  readonly beside: unknown;
  /** Remembers durably what was delivered, and `beside` with it in the same write. It never goes back. */
  markDelivered(sequence: number, beside?: unknown): void;
  /** Frees the files in which everything was delivered. Returns how many. */
  dropDelivered(): number;
  /** Writes what waits and closes. */
  close(): Promise<void>;
}

interface Waiting {
  readonly whole: WholeEntry;
  readonly urgent: boolean;
  readonly done: (result: Appended) => void;
}

/** Bytes of a line around its entry, at most. */
const AROUND_ENTRY = 128;
const CURSOR = 'cursor.json';
const DEFAULT_SEGMENT = 4 * 1024 * 1024;

/**
 * Opens a journal, creating it where there is none, and repairs what a crash left torn at its end. One process at a time:
 * the caller holds the folder's lock. Throws JournalDamaged where the chain is broken anywhere else.
 */
export async function openJournal(dir: string, limits: JournalLimits): Promise<Journal> {
  if (limits.reservedBytes >= limits.maxBytes) throw new RangeError('reservedBytes must be less than maxBytes');
  makePrivateFolder(dir);
  const segments = listSegments(dir);
  const head = recover(dir, segments);
  await holdReserve(dir, limits.reservedBytes);
  const cursor = readJsonIfThere(join(dir, CURSOR)) as { delivered?: unknown; beside?: unknown } | undefined;
  const delivered = typeof cursor?.delivered === 'number' ? cursor.delivered : 0;
  return new DiskJournal(dir, limits, segments, head, Math.min(delivered, head.sequence), cursor?.beside);
}

class DiskJournal implements Journal {
  private waiting: Waiting[] = [];
  private flushing: Promise<void> | undefined;
  private file: FileHandle | undefined;
  /** Set when the disk did something after which nobody knows what is on it. Only opening again can tell. */
  private broken = false;
  /** Where the last reader stands, and where delivery does: a delivery that failed begins again at the second. */
  private read: Place | undefined;
  private handedOver: Place | undefined;

  constructor(
    private readonly dir: string,
    private readonly limits: JournalLimits,
    private readonly segments: Segment[],
    public head: JournalHead,
    public delivered: number,
    public beside: unknown,
  ) {}

  append(entry: unknown): Promise<Appended> {
    return this.enqueue(entry, false);
  }

  appendUrgent(entry: unknown): Promise<Appended> {
    return this.enqueue(entry, true);
  }

  private async enqueue(entry: unknown, urgent: boolean): Promise<Appended> {
    // What JSON cannot carry is the caller's fault and is thrown at him, not into the batch of others.
    const whole = wholeEntry(entry);
    return await new Promise((done) => {
      this.waiting.push({ whole, urgent, done });
      this.flushing ??= this.flush().finally(() => {
        this.flushing = undefined;
      });
    });
  }

  private async flush(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.takeBatch();
      const written = this.broken ? undefined : await this.writeBatch(batch);
      for (const [at, waiting] of batch.entries()) {
        const line = written?.[at];
        waiting.done(line ? allow(line) : refuse('evidence_unavailable', { detail: 'no space, or the disk fails' }));
      }
    }
  }

  private takeBatch(): Waiting[] {
    const ordered = [...this.waiting.filter((one) => one.urgent), ...this.waiting.filter((one) => !one.urgent)];
    let bytes = 0;
    let count = 0;
    for (const { whole } of ordered) {
      bytes += whole.bytes.length + AROUND_ENTRY;
      if (count > 0 && bytes > LONGEST_BATCH) break;
      count += 1;
    }
    this.waiting = ordered.slice(count);
    return ordered.slice(0, count);
  }

  /** The lines that are durable now, at the places of their entries; undefined where one was refused. */
  private async writeBatch(batch: readonly Waiting[]): Promise<(JournalLine | undefined)[]> {
    const plan = this.plan(batch);
    if (await this.writeDown(plan)) return plan.lines;
    if (this.broken || !batch.some((one) => one.urgent)) return [];
    // The disk is full: ordinary entries are refused, and the reserved space is given to the urgent ones.
    releaseReserve(this.dir);
    const urgent = this.plan(batch.map((one) => (one.urgent ? one : undefined)));
    return (await this.writeDown(urgent)) ? urgent.lines : [];
  }

  private plan(batch: readonly (Waiting | undefined)[]): Plan {
    const used = this.segments.reduce((sum, segment) => sum + segment.bytes, 0);
    const plan: Plan = { lines: [], bytes: [], size: 0, head: this.head };
    for (const waiting of batch) {
      const limit = this.limits.maxBytes - (waiting?.urgent ? 0 : this.limits.reservedBytes);
      const next = waiting && lineAfter(plan.head, waiting.whole);
      const fits = next !== undefined && used + plan.size + next.bytes.length <= limit;
      plan.lines.push(fits ? next.line : undefined);
      if (!fits) continue;
      plan.bytes.push(next.bytes);
      plan.size += next.bytes.length;
      plan.head = next.head;
    }
    return plan;
  }

  private async writeDown(plan: Plan): Promise<boolean> {
    if (plan.size === 0) return true;
    try {
      const segment = await this.segmentFor(plan.size);
      try {
        await this.file?.appendFile(Buffer.concat(plan.bytes));
      } catch {
        // Nothing of the batch was acknowledged: cut back to the last whole line, as if it had never been tried.
        await this.file?.truncate(segment.bytes);
        return false;
      }
      // After a failed fsync nobody knows which pages are on the disk, so the catch below stops this journal for good.
      await this.file?.datasync();
      segment.bytes += plan.size;
      this.head = plan.head;
      return true;
    } catch {
      this.broken = true;
      return false;
    }
  }

  private async segmentFor(size: number): Promise<Segment> {
    const last = this.segments.at(-1);
    const longest = this.limits.segmentBytes ?? DEFAULT_SEGMENT;
    if (last && (last.bytes === 0 || last.bytes + size <= longest)) {
      this.file ??= await open(last.file, 'a', 0o600);
      return last;
    }
    await this.file?.close();
    const first = this.head.sequence + 1;
    const segment = { first, file: segmentFile(this.dir, first), bytes: 0 };
    this.file = await open(segment.file, 'a', 0o600);
    syncFolder(this.dir);
    this.segments.push(segment);
    return segment;
  }

  async *readFrom(sequence: number): AsyncGenerator<JournalLine> {
    // Only what was durable when the reading began is shown: a crash must not unsay what somebody has read.
    const durable = this.segments.map((segment) => ({ ...segment }));
    for (const [at, segment] of durable.entries()) {
      const next = durable[at + 1];
      if (next && next.first <= sequence) continue;
      for await (const { line, after } of readLines(segment, await this.placeBefore(segment, sequence))) {
        this.read = after;
        if (line.sequence >= sequence) yield line;
      }
    }
  }

  /** The nearest known place: what has been read once is not read again for every new line. */
  private async placeBefore(segment: Segment, sequence: number): Promise<Place> {
    const known = [this.read, this.handedOver].filter(
      (place) => place?.first === segment.first && place.head.sequence < sequence,
    );
    return known.find((place) => place?.head.sequence === sequence - 1) ?? known[0] ?? (await placeAtStart(segment));
  }

  markDelivered(sequence: number, beside?: unknown): void {
    if (sequence <= this.delivered) return;
    if (sequence > this.head.sequence) throw new RangeError(`entry ${sequence} does not exist`);
    writeDurably(join(this.dir, CURSOR), JSON.stringify({ delivered: sequence, beside }));
    this.delivered = sequence;
    this.beside = beside;
    if (this.read?.head.sequence === sequence) this.handedOver = this.read;
  }

  dropDelivered(): number {
    let dropped = 0;
    // The last file stays: its lines carry the chain on.
    for (let next = this.segments[1]; next && next.first - 1 <= this.delivered; next = this.segments[1]) {
      const [gone] = this.segments.splice(0, 1);
      if (gone) rmSync(gone.file);
      dropped += 1;
    }
    return dropped;
  }

  async close(): Promise<void> {
    await this.flushing;
    await this.file?.close();
    this.file = undefined;
    this.broken = true;
  }
}

interface Plan {
  readonly lines: (JournalLine | undefined)[];
  readonly bytes: Buffer[];
  size: number;
  head: JournalHead;
}

async function placeAtStart(segment: Segment): Promise<Place> {
  const start = { first: segment.first, offset: 0 };
  if (segment.first === 1 || segment.bytes === 0)
    return { ...start, head: { sequence: segment.first - 1, digest: null } };
  const content = await readFile(segment.file);
  const line = content.subarray(0, content.indexOf(0x0a)).toString('utf8');
  return { ...start, head: { sequence: segment.first - 1, digest: (JSON.parse(line) as JournalLine).previous } };
}
