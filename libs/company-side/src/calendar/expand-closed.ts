import { allow, type ClosedTime, type Decision, refuse } from '@interlock/domain';
import { type ZoneClock, zoneClock } from './zone-clock.js';

/** Days on which a plant is closed, the first and the last of them included. */
export interface ClosedDays {
  readonly name: string;
  /** `YYYY-MM-DD` */
  readonly from: string;
  readonly to: string;
}

const DAY = 86_400_000;

/** The instants at which a plant is closed, from midnight to midnight by the clock of its zone. Refused where a day or the zone does not exist. */
export function expandClosed(zone: string, days: readonly ClosedDays[]): Decision<readonly ClosedTime[], 'malformed'> {
  let clock: ZoneClock;
  try {
    clock = zoneClock(zone);
  } catch {
    return refuse('malformed', { clause: `zone ${zone}` });
  }
  const closed: ClosedTime[] = [];
  for (const { name, from, to } of days) {
    const [first, last] = [midnightOf(from), midnightOf(to)];
    if (first === undefined || last === undefined || first > last)
      return refuse('malformed', { clause: `${name}: ${from}..${to}` });
    closed.push({ name, from: clock.dayBegins(first), to: clock.dayBegins(last + DAY) });
  }
  return allow(closed.sort((a, b) => a.from - b.from));
}

/** The midnight of a day as UTC shows it; undefined where there is no such day. */
function midnightOf(day: string): number | undefined {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day) ? at : undefined;
}
