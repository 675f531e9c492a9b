import type { Instant } from '@interlock/domain';

/** What the clocks of zones show. Two databases of different versions may disagree about the same zone. */
export interface ZoneDatabase {
  readonly version: string;
  /** What the clocks of an IANA zone show at an instant, written as the instant at which UTC shows it. Throws a RangeError where there is no such zone. */
  reading(zone: string): (at: Instant) => Instant;
}

/** What the clocks of one zone show. A local time is written as the instant at which UTC shows it. */
export interface ZoneClock {
  /** The first instant at which the clocks show this; undefined where a change of the clock leaves it out. */
  instantOf(local: Instant): Instant | undefined;
  /** The first instant of the day that begins at this local midnight. */
  dayBegins(midnight: Instant): Instant;
}

const DAY = 86_400_000;
const DATE = { year: 'numeric', month: 'numeric', day: 'numeric' } as const;
const TIME = { hour: 'numeric', minute: 'numeric', second: 'numeric' } as const;

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Making one takes a thousand times as long as reading it; there are as many as zones. */
function clockOf(zone: string): Intl.DateTimeFormat {
  const made =
    clocks.get(zone) ?? new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', ...DATE, ...TIME });
  clocks.set(zone, made);
  return made;
}

/** The zone database in this process. */
export const OWN_ZONES: ZoneDatabase = {
  version: process.versions.tz ?? 'unknown',
  reading: (zone) => {
    const clock = clockOf(zone);
    return (at) => {
      const shown = clock.format(at).split(/\D+/).map(Number);
      const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = shown;
      return Date.UTC(year, month - 1, day, hour, minute, second);
    };
  },
};

/**
 * Reads a zone (IANA). Throws a RangeError where there is none of that name. Each answer is what the clock shows at that instant, never what it showed
 * before and after: some zones change their clocks four times a year.
 */
export function zoneClock(zone: string, { reading }: ZoneDatabase = OWN_ZONES): ZoneClock {
  const shown = reading(zone);
  const offsetAt = (at: Instant): number => shown(at) - at;
  const instantOf = (local: Instant): Instant | undefined =>
    [local - offsetAt(local - DAY), local - offsetAt(local + DAY)]
      .filter((at) => shown(at) === local)
      .sort((a, b) => a - b)[0];
  return {
    instantOf,
    // A midnight that is left out: the day begins with the change itself.
    dayBegins: (midnight) => instantOf(midnight) ?? midnight - offsetAt(midnight - DAY),
  };
}
