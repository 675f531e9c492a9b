import type { Grant, HoursTerm, Interval } from '@interlock/domain';
import { expandRecurrence } from './expand-recurrence.js';
import type { ZoneDatabase } from './zone-clock.js';
import { zoneOffsets } from './zone-offsets.js';

const DAY = 86_400_000;

/**
 * Whether a window of a recurring grant that has not ended is none that its rule has by this zone database. The window stands all the same: it is
 * what both sides signed. Closed days are no difference: they only leave windows out.
 */
export function windowsDiffer(
  { recurrence, windows }: Pick<Grant, 'recurrence' | 'windows'>,
  now: number,
  zones: ZoneDatabase,
): boolean {
  const last = windows.at(-1);
  if (!recurrence || !last || recurrence.zoneDatabase === zones.version) return false;
  const { start, zone, rule, seconds } = recurrence;
  const own = expandRecurrence({ start, zone, rule, seconds, until: last.from + DAY, closed: [] }, zones);
  const begins = new Set(own.allowed ? own.value.map(({ from }) => from) : []);
  return windows.some(({ from, to }) => to > now && !begins.has(from));
}

/** Whether the offsets that both signed for the hours of an agreement are others than this zone database has for the time that is left. They stand. */
export function hoursDiffer(
  { zone, tzdata, offsets }: HoursTerm,
  { from, to }: Interval,
  zones: ZoneDatabase,
): boolean {
  if (tzdata === zones.version || from >= to) return false;
  const nth = offsets.findLastIndex((one) => one.from <= from);
  const signed = offsets.slice(Math.max(nth, 0)).filter((one) => one.from < to);
  return !same(changes(begun(signed, from)), offsetsBy(zones, zone, from, to));
}

const begun = (offsets: HoursTerm['offsets'], from: number): HoursTerm['offsets'] =>
  offsets.map((one) => (one.from < from ? { ...one, from } : one));

/** Without entries at which nothing changes. */
const changes = (offsets: HoursTerm['offsets']): HoursTerm['offsets'] =>
  offsets.filter(({ minutes }, at) => minutes !== offsets[at - 1]?.minutes);

/** None where the database knows no such zone: who signed it knew one. */
function offsetsBy(zones: ZoneDatabase, zone: string, from: number, to: number): HoursTerm['offsets'] {
  try {
    return zoneOffsets(zone, from, to, zones);
  } catch {
    return [];
  }
}

const same = (a: HoursTerm['offsets'], b: HoursTerm['offsets']): boolean =>
  a.length === b.length && a.every(({ from, minutes }, at) => from === b[at]?.from && minutes === b[at]?.minutes);
