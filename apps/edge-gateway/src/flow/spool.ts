import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '@interlock/company-side';
import type { Digest } from '@interlock/domain';
import { z } from 'zod';

const head = z.object({ sequence: z.number().int().min(0), previous: z.string().nullable() });

/** Sealed batches of one flow that are not yet in the region, and where the flow's own chain stands. Both survive a restart. */
export interface Spool {
  readonly next: { readonly sequence: number; readonly previous: Digest | null };
  /** Durable before the head moves; after a crash between the two the batch itself says where the chain stands. */
  put(sequence: number, digest: Digest, sealed: unknown): void;
  /** Batches that wait, all of them. */
  readonly size: number;
  /** The next of them in order, at most a hundred. */
  waiting(): readonly { readonly name: string; readonly bytes: Buffer }[];
  done(name: string): void;
}

/** More batches than this wait at the edge only if the region is away for long; then pick-up pauses, and the machine's adapter waits. */
export const MOST_WAITING = 10_000;

export function openSpool(folder: string): Spool {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const headFile = join(folder, 'head.json');
  let next = headOf(folder, headFile);
  let size = sealedIn(folder).length;
  return {
    get size() {
      return size;
    },
    get next() {
      return next;
    },
    put: (sequence, digest, sealed) => {
      const name = `${String(sequence).padStart(12, '0')}.sealed`;
      const isNew = !existsSync(join(folder, name));
      writeDurably(join(folder, name), JSON.stringify({ digest, sealed }));
      if (isNew) size += 1;
      next = { sequence: sequence + 1, previous: digest };
      writeDurably(headFile, JSON.stringify(next));
    },
    waiting: () =>
      sealedIn(folder)
        .slice(0, 100)
        .map((name) => ({ name, bytes: readFileSync(join(folder, name)) })),
    done: (name) => {
      if (!existsSync(join(folder, name))) return;
      rmSync(join(folder, name));
      size -= 1;
    },
  };
}

const sealedIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.sealed'))
    .sort();

const named = z.object({ digest: z.string() });
type Head = Spool['next'];

/** Where the chain stands: the batch that was written last counts even if the head was not, or one number would name two batches. */
function headOf(folder: string, headFile: string): Head {
  const kept = readHead(headFile);
  const last = sealedIn(folder).at(-1);
  const sequence = last === undefined ? -1 : Number(last.slice(0, 12));
  if (last === undefined || sequence < kept.sequence) return kept;
  const { digest } = named.parse(JSON.parse(readFileSync(join(folder, last), 'utf8')));
  return { sequence: sequence + 1, previous: digest as Digest };
}

function readHead(file: string): Head {
  try {
    const stored = head.parse(JSON.parse(readFileSync(file, 'utf8')));
    return { sequence: stored.sequence, previous: stored.previous as Digest | null };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { sequence: 0, previous: null };
    throw cause;
  }
}
