import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '@interlock/company-side';

/** Events of one flow that are known again when they come a second time. */
export interface SeenEvents {
  has(event: string): boolean;
  /** Known from now on; durable as long as the batch that holds them is on disk. */
  add(events: readonly string[]): void;
  /** Durable by themselves: called before their batch leaves the disk. */
  settle(events: readonly string[]): void;
}

/** A source that repeats itself does so within days; beyond this many events the oldest are forgotten. */
const MOST_KNOWN = 200_000;

export function openSeenEvents(folder: string): SeenEvents {
  const file = join(folder, 'seen.log');
  const kept = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  const known = new Set(kept.slice(-MOST_KNOWN));
  let written = kept.length;
  const shorten = (): void => {
    writeDurably(file, [...known].map((event) => `${event}\n`).join(''));
    written = known.size;
  };
  return {
    has: (event) => known.has(event),
    add: (events) => {
      for (const event of events) known.add(event);
      for (const oldest of known) {
        if (known.size <= MOST_KNOWN) break;
        known.delete(oldest);
      }
    },
    settle: (events) => {
      if (events.length === 0) return;
      if (written > 2 * MOST_KNOWN) return shorten();
      // A line that a crash tore is no event's name, and its event is still named by its batch.
      appendDurably(file, events.map((event) => `${event}\n`).join(''));
      written += events.length;
    },
  };
}

function appendDurably(file: string, text: string): void {
  const descriptor = openSync(file, 'a', 0o600);
  try {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
