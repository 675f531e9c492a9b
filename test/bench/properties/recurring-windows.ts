// Time in the zone of a plant: the recurring windows and the hours of the project against oracles with a zone database of their own.

import { expandClosed, expandRecurrence, OWN_ZONES, zoneOffsets } from '@interlock/company-side/calendar';
import { type HoursOfDay, openFrom, WEEKDAYS } from '@interlock/domain';
import { lifeOfAGrant } from './life-of-a-grant.js';
import { beginnings, dayBegins, type Frequency, instantOf, type LocalTime, type Rule } from './oracles/recurring.js';
import { agreedUntil, changesOf, shown } from './oracles/zones.js';
import type { PropertyArea, Random } from './property.js';

const DAY = 86_400_000;
/** With summer time and without, by an hour, by half and by two, at midnight, in winter, and one that left out a day. */
export const ZONES = [
  ...['Europe/Vienna', 'Europe/Dublin', 'America/New_York', 'America/Sao_Paulo', 'America/Santiago', 'UTC'],
  ...['Australia/Lord_Howe', 'Antarctica/Troll', 'Asia/Kathmandu', 'Africa/Casablanca', 'Asia/Beirut', 'Pacific/Apia'],
];
const NAMES = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
/** Around the nights on which clocks change, and around leap days. */
const EDGES: readonly (readonly [number, number, number])[] = [
  [1996, 2, 29],
  [2000, 2, 28],
  [2011, 12, 28],
  [2018, 11, 2],
  [2024, 2, 29],
  [2028, 2, 27],
  [2025, 3, 28],
  [2025, 10, 24],
  [2026, 3, 6],
  [2026, 3, 27],
  [2026, 10, 24],
  [2026, 10, 30],
  [2027, 4, 2],
];

const sometimes = <T>(random: Random, one: T, other: T): T => (random.chance(2) ? one : other);

function startOf(random: Random): LocalTime {
  const [year, month, day] = random.pick(EDGES);
  const at = new Date(Date.UTC(year, month - 1, day + random.below(5)));
  const [hour, minute] = [random.pick([0, 1, 2, 3, 6, 22, 23]), random.pick([0, 15, 30, 59])];
  return { year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate(), hour, minute };
}

const NOTHING = { days: [], monthDays: [], months: [], position: 0 };

function ruleOf(random: Random): Rule {
  const frequency: Frequency = random.pick(['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY']);
  const head = {
    frequency,
    interval: 1 + random.below(3),
    count: sometimes(random, 0, 1 + random.below(9)),
    ...NOTHING,
  };
  const days = (nth: () => number) =>
    [...new Set([random.below(7), random.below(7)])].map((day) => ({ nth: nth(), day }));
  if (frequency === 'DAILY') return { ...head, months: random.chance(4) ? [3, 10] : [] };
  if (frequency === 'WEEKLY')
    return {
      ...head,
      days: sometimes(
        random,
        [],
        days(() => 0),
      ),
    };
  if (frequency === 'YEARLY')
    return sometimes(random, head, { ...head, months: [2, 10], monthDays: [random.pick([-1, 25, 29])] });
  return random.pick([
    head,
    { ...head, monthDays: [random.pick([1, 28, 29, 31, -1, -2])] },
    { ...head, days: days(() => random.pick([1, 2, -1])) },
    { ...head, days: [0, 1, 2, 3, 4].map((day) => ({ nth: 0, day })), position: random.pick([1, -1]) },
  ]);
}

function textOf({ frequency, interval, days, monthDays, months, position, count }: Rule): string {
  const part = (name: string, values: readonly (string | number)[]) =>
    values.length > 0 ? [`${name}=${values.join(',')}`] : [];
  return [
    `FREQ=${frequency}`,
    ...part('INTERVAL', interval > 1 ? [interval] : []),
    ...part('BYMONTH', months),
    ...part('BYMONTHDAY', monthDays),
    ...part(
      'BYDAY',
      days.map(({ nth, day }) => `${nth === 0 ? '' : nth}${NAMES[day] ?? ''}`),
    ),
    ...part('BYSETPOS', position === 0 ? [] : [position]),
    ...part('COUNT', count > 0 ? [count] : []),
  ].join(';');
}

const [FIRST, LAST] = [Date.UTC(1994, 0, 1), Date.UTC(2036, 0, 1)];

/** Until when the database of this platform and that of the oracles know the same clocks; where they differ neither is wrong. */
export const comparableUntil = (zone: string): number => agreedUntil(zone, FIRST, LAST);

const two = (number: number): string => String(number).padStart(2, '0');
const dateText = (at: number): string => new Date(at).toISOString().slice(0, 10);

const recurringWindows = (random: Random): string | undefined => {
  const [start, rule, zone] = [startOf(random), ruleOf(random), random.pick(ZONES)];
  const first = Date.UTC(start.year, start.month - 1, start.day);
  const local = `${dateText(first)}T${two(start.hour)}:${two(start.minute)}:00`;
  const until =
    first +
    random.pick({ DAILY: [4, 9], WEEKLY: [15, 50], MONTHLY: [70, 200], YEARLY: [800, 1_600] }[rule.frequency]) * DAY;
  if (until + 40 * DAY > comparableUntil(zone)) return undefined;
  const seconds = 60 * random.pick([30, 120, 480]);
  const days = Array.from({ length: random.below(3) }, (_, at) => {
    const from = first + random.below(60) * DAY;
    return { name: `closed ${at}`, from: dateText(from), to: dateText(from + random.below(4) * DAY) };
  });
  const closed = expandClosed(zone, days);
  if (!closed.allowed) return `closed days were not read: ${JSON.stringify(days)}`;
  const shut = days.map(({ from, to }) => ({
    from: dayBegins(zone, Date.parse(from)),
    to: dayBegins(zone, Date.parse(to) + DAY),
  }));
  const spans = (list: readonly { from: number; to: number }[]) =>
    JSON.stringify(list.map(({ from, to }) => [from, to]).sort());
  if (spans(closed.value) !== spans(shut)) return `closed: ${JSON.stringify({ zone, days, was: closed.value, shut })}`;
  const expected = beginnings(rule, start, zone, until)
    .map((from) => ({ from, to: from + seconds * 1000 }))
    .filter(({ from, to }) => !shut.some((one) => one.from < to && from < one.to));
  const unreadable = instantOf(zone, first + (start.hour * 60 + start.minute) * 60_000) === undefined;
  const made = expandRecurrence({ start: local, zone, rule: textOf(rule), seconds, until, closed: closed.value });
  const windows = made.allowed ? made.value : [];
  const wanted = unreadable ? [] : expected;
  return JSON.stringify(windows) === JSON.stringify(wanted)
    ? undefined
    : `${local} ${zone} ${textOf(rule)} until ${dateText(until)}: ${JSON.stringify(windows)} and not ${JSON.stringify(wanted)}`;
};

const minutes = (at: number): string => new Date(at).toISOString().slice(11, 16);

const QUARTER = 900_000;

/** Hours of a week, asked for at an instant near a change of the clock: open, and until when, by the clock on the wall of the plant. */
const hoursOfAPlant = (random: Random): string | undefined => {
  const zone = random.pick(ZONES);
  const from = Date.UTC(1996 + random.below(34), random.below(12), 1);
  const to = from + 210 * DAY;
  if (to > comparableUntil(zone)) return undefined;
  const open = WEEKDAYS.slice(random.below(2))
    .filter(() => !random.chance(3))
    .flatMap((day): HoursOfDay[] => {
      const [begins, ends] = [QUARTER * random.below(20), QUARTER * (20 + random.below(77))];
      return [{ day, from: minutes(begins), to: ends === DAY ? '24:00' : minutes(ends) }];
    });
  const change = random.chance(4) ? undefined : changesOf(zone, from, to - 10 * DAY)[0];
  const near = change ?? from + random.below(90) * DAY;
  const at = near + random.pick([-3_600_000, -1_800_000, -1, 0, 1, 1_800_000, random.below(DAY)]);
  const offsets = zoneOffsets(zone, from - DAY, to);
  const term = { type: 'hours', kind: 'remote-service', zone, tzdata: OWN_ZONES.version, offsets, open } as const;
  const isOpen = (instant: number): boolean => {
    const wall = shown(zone, instant);
    const day = WEEKDAYS[(new Date(wall).getUTCDay() + 6) % 7];
    return open.some((one) => one.day === day && one.from <= minutes(wall) && minutes(wall) < one.to);
  };
  let end = at;
  while (isOpen(end)) end = Math.floor(end / QUARTER) * QUARTER + QUARTER;
  const said = openFrom(term, at)?.to ?? at;
  const right = said === end || said - at > 7 * DAY;
  return right ? undefined : `${zone} ${new Date(at).toISOString()} ${JSON.stringify(open)}: ${said} and not ${end}`;
};

/** The offsets that are signed beside hours are those of the zone, from each of its changes on. */
const offsetsOfAZone = (random: Random): string | undefined => {
  const zone = random.pick(ZONES);
  const from = Date.UTC(1996 + random.below(34), random.below(12), 1 + random.below(28));
  const to = from + (30 + random.below(300)) * DAY;
  if (to > comparableUntil(zone)) return undefined;
  const wanted = [from, ...changesOf(zone, from, to)].map((at) => ({
    from: at,
    minutes: (shown(zone, at) - at) / 60_000,
  }));
  const made = zoneOffsets(zone, from, to);
  return JSON.stringify(made) === JSON.stringify(wanted)
    ? undefined
    : `${zone}: ${JSON.stringify(made)} and not ${JSON.stringify(wanted)}`;
};

export const grants: PropertyArea = { recurringWindows, hoursOfAPlant, offsetsOfAZone, lifeOfAGrant };
