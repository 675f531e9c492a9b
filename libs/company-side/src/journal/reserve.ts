import { randomFillSync } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

const fileOf = (dir: string): string => join(dir, 'reserve.bin');
const CHUNK = 64 * 1024;

/**
 * Keeps `bytes` of the disk allocated, so that a disk filled by others still takes a cut. The content is random: a file system that
 * compresses or keeps holes would otherwise reserve nothing. A disk too full for it is no reason not to start.
 */
export async function holdReserve(dir: string, bytes: number): Promise<void> {
  const file = fileOf(dir);
  if (sizeOf(file) === bytes) return;
  try {
    const handle = await open(file, 'w', 0o600);
    try {
      const chunk = Buffer.alloc(CHUNK);
      for (let left = bytes; left > 0; left -= CHUNK) {
        await handle.write(randomFillSync(chunk), 0, Math.min(left, CHUNK));
      }
      await handle.datasync();
    } finally {
      await handle.close();
    }
  } catch {
    releaseReserve(dir);
  }
}

/** Gives the reserved space back to the disk, for the urgent entry that is about to be written. */
export const releaseReserve = (dir: string): void => rmSync(fileOf(dir), { force: true });

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return -1;
  }
}
