import { join } from 'node:path';
import { digest as digestSchema } from '@interlock/contracts';
import type { Digest, Instant } from '@interlock/domain';
import { appendLines, readLines } from '../lines-on-disk.js';

/** When this point first held a notice that counts from then on; it survives a restart. */
export interface FirstHeld {
  (digest: Digest, now: Instant): Instant;
  /** When it was, where it was. */
  before(digest: Digest): Instant | undefined;
}

/**
 * A wait that both agreed to leaves the other side time to object. Whoever signs a notice dates it, and the broker chooses when it comes: neither can
 * shorten what is counted from the moment this gateway held it. What the disk did not take is counted anew after a restart, which only waits longer.
 */
export function firstHeld(folder: string): FirstHeld {
  const file = join(folder, 'first-held');
  const since = new Map<Digest, Instant>();
  for (const line of readLines(file)) {
    const [name, at] = line.split(' ');
    const known = digestSchema.safeParse(name);
    // The earliest line counts: a later one is of a start that could not read it.
    if (known.success && /^\d{1,15}$/.test(at ?? '') && !since.has(known.data)) since.set(known.data, Number(at));
  }
  const hold = (digest: Digest, now: Instant): Instant => {
    const had = since.get(digest);
    if (had !== undefined) return had;
    since.set(digest, now);
    appendLines(file, [`${digest} ${now}`]);
    return now;
  };
  return Object.assign(hold, { before: (digest: Digest) => since.get(digest) });
}
