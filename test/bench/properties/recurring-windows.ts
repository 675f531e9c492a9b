// Recurring windows in the zone of a plant, without its holidays and shutdowns: the expansion of the project against an oracle that looks at every day.

import { expandClosed, expandRecurrence } from '@interlock/company-side/calendar';
import { beginnings, dayBegins, type Frequency, instantOf, type LocalTime, type Rule } from './oracles/recurring.js';
import type { PropertyArea, Random } from './property.js';

const DAY = 86_400_000;
/** With summer time and without, by an hour, by half and by two, at midnight, in winter, and one that left out a day. */
const ZONES = [
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

const two = (number: number): string => String(number).padStart(2, '0');
const dateText = (at: number): string => new Date(at).toISOString().slice(0, 10);

const recurringWindows = (random: Random): string | undefined => {
  const [start, rule, zone] = [startOf(random), ruleOf(random), random.pick(ZONES)];
  const first = Date.UTC(start.year, start.month - 1, start.day);
  const local = `${dateText(first)}T${two(start.hour)}:${two(start.minute)}:00`;
  const until =
    first +
    random.pick({ DAILY: [4, 9], WEEKLY: [15, 50], MONTHLY: [70, 200], YEARLY: [800, 1_600] }[rule.frequency]) * DAY;
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

export const grants: PropertyArea = { recurringWindows };
