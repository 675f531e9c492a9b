// Which instants a recurrence means, found by looking at every local day and every offset that the zone ever had around it. It knows RFC 5545
// and a zone database of its own, and nothing of the project's code or of any library for recurrences.

import { shown } from './zones.js';

export type Frequency = 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';

/** A rule by its parts: what its text says, before anybody wrote the text. */
export interface Rule {
  readonly frequency: Frequency;
  readonly interval: number;
  /** Days of the week (0 is Monday), with their number in the month where that is not 0. */
  readonly days: readonly { readonly nth: number; readonly day: number }[];
  readonly monthDays: readonly number[];
  readonly months: readonly number[];
  readonly position: number;
  readonly count: number;
}

export interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

const DAY = 86_400_000;
/** The first instant at which the clocks show this; undefined where they never do. */
export function instantOf(zone: string, local: number): number | undefined {
  const offsets = [shown(zone, local - DAY) - (local - DAY), shown(zone, local + DAY) - (local + DAY)];
  const fitting = offsets.map((offset) => local - offset).filter((at) => shown(zone, at) === local);
  return fitting.length === 0 ? undefined : Math.min(...fitting);
}

/** The first instant of a local day. */
export function dayBegins(zone: string, local: number): number {
  let [before, after] = [local - DAY, local + DAY];
  while (after - before > 60_000) {
    const middle = Math.floor((before + after) / 120_000) * 60_000;
    if (shown(zone, middle) >= local) after = middle;
    else before = middle;
  }
  return after;
}

const weekday = (local: number): number => (new Date(local).getUTCDay() + 6) % 7;
const monthOf = (local: number): number => new Date(local).getUTCFullYear() * 12 + new Date(local).getUTCMonth();
const lastOfMonth = (local: number): number =>
  new Date(Date.UTC(new Date(local).getUTCFullYear(), new Date(local).getUTCMonth() + 1, 0)).getUTCDate();

function inPeriod({ frequency, interval }: Rule, first: number, local: number): boolean {
  const week = (at: number) => Math.floor((at - weekday(at) * DAY) / DAY / 7);
  const year = (at: number) => new Date(at).getUTCFullYear();
  const apart = {
    DAILY: Math.round((local - first) / DAY),
    WEEKLY: week(local) - week(first),
    MONTHLY: monthOf(local) - monthOf(first),
    YEARLY: year(local) - year(first),
  }[frequency];
  return apart % interval === 0;
}

function fits(rule: Rule, first: number, local: number): boolean {
  const { frequency, days, monthDays, months } = rule;
  const [date, size] = [new Date(local).getUTCDate(), lastOfMonth(local)];
  if (months.length > 0 && !months.includes(new Date(local).getUTCMonth() + 1)) return false;
  if (monthDays.length > 0 && !monthDays.some((one) => (one > 0 ? one : size + 1 + one) === date)) return false;
  const named = days.some(({ nth, day }) => {
    if (day !== weekday(local)) return false;
    return nth === 0 || (nth > 0 ? Math.ceil(date / 7) === nth : Math.ceil((size - date + 1) / 7) === -nth);
  });
  if (days.length > 0) return named;
  if (monthDays.length > 0 || frequency === 'DAILY') return true;
  if (frequency === 'WEEKLY') return weekday(local) === weekday(first);
  const sameDate = date === new Date(first).getUTCDate();
  const sameMonth = new Date(local).getUTCMonth() === new Date(first).getUTCMonth();
  return sameDate && (frequency === 'MONTHLY' || months.length > 0 || sameMonth);
}

/** Of each month the chosen one alone; all of them where none is chosen. */
function chosen({ position }: Rule, days: readonly number[]): readonly number[] {
  if (position === 0) return days;
  const months = new Map<number, number[]>();
  for (const day of days) months.set(monthOf(day), [...(months.get(monthOf(day)) ?? []), day]);
  return [...months.values()].flatMap((all) => all.at(position > 0 ? position - 1 : position) ?? []);
}

/** The instants at which the recurrence begins before `until`, in order. */
export function beginnings(rule: Rule, start: LocalTime, zone: string, until: number): readonly number[] {
  const first = Date.UTC(start.year, start.month - 1, start.day);
  const time = (start.hour * 60 + start.minute) * 60_000;
  const days: number[] = [];
  // A whole month is looked at, so that the position in it is that of the rule.
  const opens = rule.position === 0 ? first : Date.UTC(start.year, start.month - 1, 1);
  for (let local = opens; local < until + 33 * DAY; local += DAY)
    if (inPeriod(rule, first, local) && fits(rule, first, local)) days.push(local);
  const found: number[] = [];
  for (const day of chosen(rule, days).filter((one) => one >= first)) {
    if (rule.count > 0 && found.length === rule.count) break;
    const at = instantOf(zone, day + time);
    if (at !== undefined) found.push(at);
  }
  return found.filter((at) => at < until);
}
