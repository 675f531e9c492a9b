import type { Instant } from '../instant.js';

/** Refused requests of callers who proved nothing: of one source, in one minute. */
export interface CountedRefusals {
  /** When the minute began. */
  readonly at: Instant;
  /** An address prefix, or `others`. */
  readonly source: string;
  readonly count: number;
}

const MINUTE = 60_000;
/** Sources that are told apart in a minute, at most; whoever comes with more addresses is counted with the others. */
export const MOST_SOURCES = 100;
/** Minutes that wait to be written down, at most; what comes beyond is counted in the newest of them. */
const MOST_MINUTES = 60;
export const OTHER_SOURCES = 'others';

/**
 * The prefix that stands for an address: /24 of IPv4 (also where it is mapped, RFC 4291 section 2.5.5.2), /48 of IPv6, which is what one site
 * is given (RFC 6177). Everything else is `others`.
 */
export function sourcePrefix(address: string | undefined): string {
  const [, mapped, a, b, c] = /^(::ffff:)?(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.\d{1,3}$/i.exec(address ?? '') ?? [];
  if (a && b && c) return `${a}.${b}.${c}.0/24`;
  if (mapped !== undefined || !address?.includes(':')) return OTHER_SOURCES;
  const [before = '', after] = (address.split('%')[0] ?? '').toLowerCase().split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after ? after.split(':') : [];
  const gap = after === undefined ? [] : Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0');
  const groups = [...head, ...gap, ...tail];
  const isWhole = groups.length === 8 && groups.every((group) => /^[0-9a-f]{1,4}$/.test(group));
  if (!isWhole) return OTHER_SOURCES;
  const site = groups.slice(0, 3).map((group) => group.replace(/^0+(?=.)/, ''));
  return `${site.join(':')}::/48`;
}

/**
 * Counts refusals by minute and source, so that a flood of strangers writes a few records and not one for each request. It holds
 * at most `MOST_SOURCES` and one more count for each of at most 60 minutes, whatever is sent.
 */
export class RefusedCallers {
  private readonly minutes = new Map<Instant, Map<string, number>>();

  /** @param address as the connection has it, never as the caller says */
  count(address: string | undefined, now: Instant): void {
    this.countAs(sourcePrefix(address), now);
  }

  /** The same for somebody who has a name. @param source what tells him and his request apart from others */
  countAs(source: string, now: Instant): void {
    const minute = now - (now % MINUTE);
    const sources = this.minutes.get(minute) ?? this.newMinute(minute);
    const name = sources.has(source) || told(sources) < MOST_SOURCES ? source : OTHER_SOURCES;
    sources.set(name, (sources.get(name) ?? 0) + 1);
  }

  /** What was counted in minutes that are over; it is no longer held here. */
  takeOver(now: Instant): CountedRefusals[] {
    return this.take((minute) => minute + MINUTE <= now);
  }

  /** Everything, also of the minute under way: for the end of a process. */
  takeAll(): CountedRefusals[] {
    return this.take(() => true);
  }

  private newMinute(at: Instant): Map<string, number> {
    const newest = [...this.minutes.values()].at(-1);
    if (newest && this.minutes.size >= MOST_MINUTES) return newest;
    const sources = new Map<string, number>();
    this.minutes.set(at, sources);
    return sources;
  }

  private take(isWanted: (minute: Instant) => boolean): CountedRefusals[] {
    const wanted = [...this.minutes].filter(([at]) => isWanted(at));
    for (const [at] of wanted) this.minutes.delete(at);
    return wanted.flatMap(([at, sources]) => [...sources].map(([source, count]) => ({ at, source, count })));
  }
}

const told = (sources: ReadonlyMap<string, number>): number => sources.size - (sources.has(OTHER_SOURCES) ? 1 : 0);
