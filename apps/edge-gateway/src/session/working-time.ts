import { join } from 'node:path';
import { grantId } from '@interlock/contracts';
import { type Grant, type GrantId, type Instant, type Interval, within } from '@interlock/domain';
import { appendLines, readLines } from '../lines-on-disk.js';

/** When work began in each window of a grant whose agreement bounds it; it survives a restart. */
export interface WorkingTime {
  /** Undefined where nothing was opened in the window of this instant yet. */
  begunAt(grant: Grant, now: Instant): Instant | undefined;
  /** Begins the work at this instant, or says when it began. Undefined where that cannot be written: then nothing may open. */
  begin(grant: Grant, now: Instant): Instant | undefined;
}

/** Opens the record of begun work in a folder of the gateway. */
export function keepWorkingTime(folder: string): WorkingTime {
  const file = join(folder, 'working-time');
  const begun = new Map<string, Instant>();
  for (const line of readLines(file)) {
    const [, id, from, at] = /^(\S+) (\d+) (\d+) \.$/.exec(line) ?? [];
    const right = grantId.safeParse(id);
    // A torn last line is work that never began: it was not on disk, so nothing was opened.
    if (right.success) remember(begun, nameOf(right.data, Number(from)), Number(at));
  }
  const windowOf = ({ windows }: Grant, now: Instant): Interval | undefined => within(windows, now);
  return {
    begunAt(grant, now) {
      const window = windowOf(grant, now);
      return window && begun.get(nameOf(grant.id, window.from));
    },
    begin(grant, now) {
      const window = windowOf(grant, now);
      if (!window) return undefined;
      const name = nameOf(grant.id, window.from);
      const had = begun.get(name);
      if (had !== undefined) return had;
      const at = Math.floor(now);
      // Counted before it is written: a disk that fails costs working time, and never gives any away.
      begun.set(name, at);
      return appendLines(file, [`${name} ${at} .`]) ? at : undefined;
    },
  };
}

const nameOf = (grant: GrantId, from: Instant): string => `${grant} ${from}`;

/** The earliest counts, whatever order the lines have. */
const remember = (begun: Map<string, Instant>, name: string, at: Instant): unknown =>
  begun.set(name, Math.min(begun.get(name) ?? at, at));
