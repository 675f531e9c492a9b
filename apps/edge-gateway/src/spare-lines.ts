import { randomFillSync } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { appendLines } from './lines-on-disk.js';

type Append = typeof appendLines;

/**
 * Adds lines to a file for which `bytes` of the disk are kept: one that others filled still takes what takes rights away, so that a restart remembers it. The space is given up for the
 * first line that finds no other, and taken again as soon as there is some. False where not even that was enough.
 */
export function spareLines(
  file: string,
  bytes: number,
  append: Append = appendLines,
): (lines: readonly string[]) => boolean {
  const spare = `${file}.reserve`;
  let isHeld = hold(spare, bytes);
  return (lines) => {
    if (append(file, lines)) {
      if (!isHeld) isHeld = hold(spare, bytes);
      return true;
    }
    rmSync(spare, { force: true });
    isHeld = false;
    return append(file, lines);
  };
}

const CHUNK = 64 * 1024;

/** Random bytes: a file system that compresses or keeps holes would otherwise hold nothing. A disk too full for it is no reason not to start. */
function hold(spare: string, bytes: number): boolean {
  if (sizeOf(spare) === bytes) return true;
  try {
    const descriptor = openSync(spare, 'w', 0o600);
    try {
      const chunk = Buffer.alloc(CHUNK);
      for (let left = bytes; left > 0; ) left -= writeSync(descriptor, randomFillSync(chunk), 0, Math.min(left, CHUNK));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    return true;
  } catch {
    rmSync(spare, { force: true });
    return false;
  }
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return -1;
  }
}
