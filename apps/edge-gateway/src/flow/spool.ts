import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '@interlock/company-side';
import type { Digest } from '@interlock/domain';
import type { SealedBatch } from '@interlock/proof';
import { z } from 'zod';
import { openSeenEvents } from './seen-events.js';

const head = z.object({ sequence: z.number().int().min(0), previous: z.string().nullable() });
const label = z.object({ digest: z.string(), events: z.array(z.string()).default([]) });

/** A batch as it lies on the disk: what it is known by, the events in it, and the sealed bytes as they are sent. */
export interface Spooled {
  readonly name: string;
  readonly digest: Digest;
  readonly events: readonly string[];
  readonly sealed: Buffer;
}

/** Sealed batches of one flow that are not yet in the region, and where the flow's own chain stands. Both survive a restart. */
export interface Spool {
  readonly next: { readonly sequence: number; readonly previous: Digest | null };
  /** After it returns the batch and the names of its events survive a power cut. */
  put(sequence: number, sealed: SealedBatch, events?: readonly string[]): void;
  /** Whether an event of this name was put before. */
  seen(event: string): boolean;
  /** Batches that wait, all of them. */
  readonly size: number;
  /** The next of them in order, at most a hundred. */
  waiting(): readonly Spooled[];
  /** These are in the region: their events stay known, they themselves go. */
  done(batches: readonly Spooled[]): void;
  /** This one no region takes: it stays on the disk whole, under its number and `.aside`, and those behind it go on. */
  setAside(batch: Spooled): void;
}

/** More batches than this wait at the edge only if the region is away for long; then pick-up pauses, and the machine's adapter waits. */
export const MOST_WAITING = 10_000;
const AT_ONCE = 100;

export const openSpool = (folder: string): Spool => new DiskSpool(folder);

class DiskSpool implements Spool {
  private readonly headFile: string;
  private readonly known;
  private names: string[];
  private head: Spool['next'];

  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.headFile = join(folder, 'head.json');
    this.names = sealedIn(folder);
    this.known = openSeenEvents(folder);
    // Events of a batch that still waits are in no list yet: after a crash its file names them.
    for (const name of this.names) this.known.add(this.read(name).events);
    this.head = this.headAtStart();
  }

  get size(): number {
    return this.names.length;
  }

  get next(): Spool['next'] {
    return this.head;
  }

  seen(event: string): boolean {
    return this.known.has(event);
  }

  put(sequence: number, { text, digest }: SealedBatch, events: readonly string[] = []): void {
    const name = `${String(sequence).padStart(12, '0')}.sealed`;
    const isNew = !existsSync(join(this.folder, name));
    writeDurably(join(this.folder, name), `${JSON.stringify({ digest, events })}\n${text}`);
    if (isNew) this.names.push(name);
    this.known.add(events);
    this.head = { sequence: sequence + 1, previous: digest };
  }

  waiting(): readonly Spooled[] {
    return this.names.slice(0, AT_ONCE).map((name) => this.read(name));
  }

  done(batches: readonly Spooled[]): void {
    this.leave(batches, (name) => rmSync(join(this.folder, name), { force: true }));
  }

  setAside(batch: Spooled): void {
    this.leave([batch], (name) => renameSync(join(this.folder, name), join(this.folder, asideOf(name))));
  }

  private leave(batches: readonly Spooled[], go: (name: string) => void): void {
    this.known.settle(batches.flatMap((batch) => batch.events));
    const gone = new Set(batches.map((batch) => batch.name));
    const left = this.names.filter((name) => !gone.has(name));
    // The last file says where the chain stands; when none is left, this does.
    if (left.length === 0) writeDurably(this.headFile, JSON.stringify(this.head));
    for (const name of gone) go(name);
    this.names = left;
  }

  private read(name: string): Spooled {
    const bytes = readFileSync(join(this.folder, name));
    const end = bytes.indexOf(10);
    const { digest, events } = label.parse(JSON.parse(bytes.subarray(0, end).toString('utf8')));
    return { name, digest: digest as Digest, events, sealed: bytes.subarray(end + 1) };
  }

  /** The batch that was written last counts even if the head was not, or one number would name two batches. */
  private headAtStart(): Spool['next'] {
    const kept = readHead(this.headFile);
    const last = this.names.at(-1);
    const sequence = last === undefined ? -1 : Number(last.slice(0, 12));
    return last === undefined || sequence < kept.sequence
      ? kept
      : { sequence: sequence + 1, previous: this.read(last).digest };
  }
}

/** The name under which a batch stays that no region takes. */
export const asideOf = (name: string): string => name.replace(/sealed$/, 'aside');

const sealedIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.sealed'))
    .sort();

function readHead(file: string): Spool['next'] {
  try {
    const stored = head.parse(JSON.parse(readFileSync(file, 'utf8')));
    return { sequence: stored.sequence, previous: stored.previous as Digest | null };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { sequence: 0, previous: null };
    throw cause;
  }
}
