import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '@interlock/company-side';
import type { Digest } from '@interlock/domain';
import { z } from 'zod';

const head = z.object({ sequence: z.number().int().min(0), previous: z.string().nullable() });

/** Sealed batches of one flow that are not yet in the region, and where the flow's own chain stands. Both survive a restart. */
export interface Spool {
  readonly next: { readonly sequence: number; readonly previous: Digest | null };
  /** Durable before the head moves: after a crash between the two the same sequence is sealed again, under its own digest. */
  put(sequence: number, digest: Digest, sealed: unknown): void;
  waiting(): readonly { readonly name: string; readonly bytes: Buffer }[];
  done(name: string): void;
}

/** More batches than this wait at the edge only if the region is away for long; then pick-up pauses and nothing is lost at the machine. */
export const MOST_WAITING = 10_000;

export function openSpool(folder: string): Spool {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const headFile = join(folder, 'head.json');
  let next = readHead(headFile);
  return {
    get next() {
      return next;
    },
    put: (sequence, digest, sealed) => {
      writeDurably(join(folder, `${String(sequence).padStart(12, '0')}.sealed`), JSON.stringify({ digest, sealed }));
      next = { sequence: sequence + 1, previous: digest };
      writeDurably(headFile, JSON.stringify(next));
    },
    waiting: () =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.sealed'))
        .sort()
        .slice(0, 100)
        .map((name) => ({ name, bytes: readFileSync(join(folder, name)) })),
    done: (name) => rmSync(join(folder, name), { force: true }),
  };
}

function readHead(file: string): { sequence: number; previous: Digest | null } {
  try {
    const stored = head.parse(JSON.parse(readFileSync(file, 'utf8')));
    return { sequence: stored.sequence, previous: stored.previous as Digest | null };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { sequence: 0, previous: null };
    throw cause;
  }
}
