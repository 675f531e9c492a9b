import { allow, type Decision, type Instant, type Interval, type Recurrence, refuse } from '@interlock/domain';
import { RRuleTemporal } from 'rrule-temporal';
import { Temporal } from 'temporal-polyfill';
import { OWN_ZONES, type ZoneDatabase, zoneClock } from './zone-clock.js';

/** More windows than a grant can hold. */
const MOST_WINDOWS = 1_000;
/** A rule that goes on for ever without a day that fits must not keep a process busy. */
const MOST_TRIES = 20_000;
const DAY = 86_400_000;

/** What is to be expanded: the rule, until when, and when the plant is closed. */
export interface Recurring extends Pick<Recurrence, 'start' | 'zone' | 'rule' | 'seconds'> {
  readonly until: Instant;
  readonly closed: readonly Interval[];
}

/**
 * The windows of a recurrence (RFC 5545, RRULE from DTSTART in its zone) that begin before `until`, without those that meet a closed time. A local time
 * that a change of the clock leaves out has no window and is not counted (RFC 5545, 3.3.10); of one that comes twice the first counts. Refused
 * where the rule cannot be read, repeats within a day, has no window, more than 1,000, or windows that overlap.
 */
export function expandRecurrence(
  recurring: Recurring,
  zones: ZoneDatabase = OWN_ZONES,
): Decision<readonly Interval[], 'malformed'> {
  const { seconds, closed } = recurring;
  const starts = startsOf(recurring, zones);
  if (!starts) return refuse('malformed', { clause: 'recurrence.rule' });
  if (starts.length > MOST_WINDOWS) return refuse('malformed', { clause: 'recurrence: more than 1000 windows' });
  const all = starts.map((from) => ({ from, to: from + seconds * 1000 }));
  if (all.some(({ from }, at) => from < (all[at - 1]?.to ?? from)))
    return refuse('malformed', { clause: 'recurrence.seconds' });
  const windows = all.filter(({ from, to }) => !closed.some((shut) => shut.from < to && from < shut.to));
  return windows.length === 0 ? refuse('malformed', { clause: 'recurrence: no window' }) : allow(windows);
}

interface Bounded {
  /** The rule without its own end. */
  readonly endless: string;
  readonly count: number;
  readonly until: Instant;
}

/** COUNT and UNTIL are of instants, so they are applied to instants. */
function boundsOf(rule: string, until: Instant): Bounded {
  const [, count] = /(?:^|;)COUNT=(\d{1,6})(?:;|$)/.exec(rule) ?? [];
  const [, year, month, day, hour, minute, second] =
    /(?:^|;)UNTIL=(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z(?:;|$)/.exec(rule) ?? [];
  const last = year && Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return {
    endless: rule
      .split(';')
      .filter((part) => !(count && part.startsWith('COUNT=')) && !(last && part.startsWith('UNTIL=')))
      .join(';'),
    count: count === undefined ? Number.POSITIVE_INFINITY : Number(count),
    until: last ? Math.min(until, last + 1) : until,
  };
}

const WITHIN_A_DAY = /FREQ=(SECOND|MINUTE|HOUR)LY|BYHOUR|BYMINUTE|BYSECOND/;

/** The instants at which the windows begin; undefined where the rule cannot be read. The library counts days, the zone's own clock makes instants of them. */
function startsOf({ start, zone, rule, until: asked }: Recurring, zones: ZoneDatabase): readonly Instant[] | undefined {
  const { endless, count, until } = boundsOf(rule, asked);
  if (WITHIN_A_DAY.test(rule)) return undefined;
  try {
    const clock = zoneClock(zone, zones);
    const dtstart = Temporal.PlainDateTime.from(start, { overflow: 'reject' }).toZonedDateTime('UTC');
    if (clock.instantOf(dtstart.epochMilliseconds) === undefined) return undefined;
    const days = new RRuleTemporal({ rruleString: endless, dtstart, strict: true, maxIterations: MOST_TRIES });
    const found: Instant[] = [];
    days.all(({ epochMilliseconds: local }) => {
      if (found.length > MOST_WINDOWS || found.length >= count || local > until + DAY) return false;
      const at = clock.instantOf(local);
      if (at !== undefined && at < until) found.push(at);
      return true;
    });
    return found;
  } catch {
    return undefined;
  }
}
