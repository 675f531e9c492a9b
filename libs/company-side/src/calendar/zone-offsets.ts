import type { HoursTerm, Instant } from '@interlock/domain';
import { OWN_ZONES, type ZoneDatabase } from './zone-clock.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/**
 * How far the clock of an IANA zone is ahead of UTC between two instants, from each of its changes on, as a zone database says. Throws a RangeError
 * for a zone that it does not know.
 */
export function zoneOffsets(
  zone: string,
  from: Instant,
  to: Instant,
  zones: ZoneDatabase = OWN_ZONES,
): HoursTerm['offsets'] {
  const shown = zones.reading(zone);
  // Clocks show whole seconds.
  const minutesAt = (at: Instant): number => Math.round((shown(at - (at % 1000)) - (at - (at % 1000))) / MINUTE);
  const offsets = [{ from, minutes: minutesAt(from) }];
  let after = minutesAt(from);
  for (let day = from; day < to; day += DAY) {
    const before = after;
    after = minutesAt(day + DAY);
    if (before === after) continue;
    let [low, high] = [day, day + DAY];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (minutesAt(middle) === before) low = middle;
      else high = middle;
    }
    offsets.push({ from: high, minutes: after });
  }
  return offsets.filter((one) => one.from < to);
}
