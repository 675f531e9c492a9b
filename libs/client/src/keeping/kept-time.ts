import { join } from 'node:path';
import { makePrivateFolder, readJsonIfThere, writeDurably } from '@interlock/company-side';
import type { Instant } from '@interlock/domain';

/** By how much a clock may run ahead of what passed before nothing is erased by it. Milliseconds. */
const SKEW = 3_600_000;

/** The time by which a store is kept. A clock that is put back lengthens nothing, one that is put forward takes nothing. */
export interface KeptTime {
  /** Never before what it said last, also after a restart; undefined where the clock jumped ahead while this process ran. */
  now(): Instant | undefined;
}

/**
 * @param wall the clock of this machine
 * @param monotonic milliseconds since anything, that nobody sets
 */
export function keptTime(store: string, wall: () => Instant, monotonic: () => number): KeptTime {
  makePrivateFolder(store);
  const file = join(store, 'clock.json');
  const [began, at] = [wall(), monotonic()];
  return {
    now: () => {
      const now = wall();
      if (now > began + (monotonic() - at) + SKEW) return undefined;
      const last = (readJsonIfThere(file) as { at: Instant } | undefined)?.at ?? 0;
      if (now > last) writeDurably(file, JSON.stringify({ at: now }));
      return Math.max(now, last);
    },
  };
}
