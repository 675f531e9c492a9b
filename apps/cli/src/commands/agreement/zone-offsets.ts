import type { HoursTerm, Instant } from '@interlock/domain';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * How far the clock of an IANA zone is ahead of UTC between two instants, from each of its changes on, as the zone database of this machine says.
 * Throws a RangeError for a zone that it does not know.
 */
export function zoneOffsets(zone: string, from: Instant, to: Instant): HoursTerm['offsets'] {
  const minutesAt = offsetReader(zone);
  const offsets = [{ from, minutes: minutesAt(from) }];
  for (let day = from; day < to; day += DAY) {
    const [before, after] = [minutesAt(day), minutesAt(day + DAY)];
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

function offsetReader(zone: string): (at: Instant) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  return (at) => {
    const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
    const [, sign, hours, minutes] = /^GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(name) ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
  };
}
