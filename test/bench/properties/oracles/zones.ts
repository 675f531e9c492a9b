// What clocks show, by the zone database that moment-timezone carries: its makers compile it from the sources of IANA, so neither this platform's
// database (ICU) nor any code of the project that reads it is asked.

import moment from 'moment-timezone';

const MINUTE = 60_000;

function zoneOf(zone: string): moment.MomentZone {
  const found = moment.tz.zone(zone);
  if (!found) throw new Error(`the oracle has no zone ${zone}`);
  return found;
}

/** Version of the database that the oracle reads. */
export const ORACLE_DATABASE: string = moment.tz.dataVersion;

/** What the clocks of the zone show at an instant, as if they were UTC. */
export const shown = (zone: string, at: number): number => at - zoneOf(zone).utcOffset(at) * MINUTE;

/** Instants between two others at which the clocks of the zone are changed. */
export function changesOf(zone: string, from: number, to: number): readonly number[] {
  const { untils } = zoneOf(zone);
  return untils.filter(
    (at): at is number =>
      at !== null && at > from && at < to && shown(zone, at) - at !== shown(zone, at - 1) - (at - 1),
  );
}

const agreed = new Map<string, number>();

/**
 * Until when this platform's database says the same as the oracle's: governments change clocks, and the two need not be of one version. Asks the platform
 * for its offset around each change that the oracle knows, and in the middle between two.
 */
export function agreedUntil(zone: string, from: number, to: number): number {
  const known = agreed.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  const offset = (at: number): number => {
    const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign, hours, minutes] = /^GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(name) ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * MINUTE;
  };
  const changes = [from, ...changesOf(zone, from, to), to];
  const asked = changes.flatMap((at, nth) => [at - 1000, at, Math.floor((at + (changes[nth + 1] ?? at)) / 2)]);
  const first = asked.find((at) => offset(at) !== shown(zone, at) - at) ?? to;
  agreed.set(zone, first);
  return first;
}
