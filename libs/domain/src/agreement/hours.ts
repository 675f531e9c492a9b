import { type Agreement, type GrantKind, type HoursTerm, WEEKDAYS } from '../documents/agreement.js';
import type { Instant, Interval } from '../instant.js';
import { termsOfType } from './find-terms.js';

const MINUTE = 60_000;
const DAY = 24 * 60;
/** 1 January 1970 was a Thursday; weeks here begin on Monday. */
const FIRST_DAY = 3;

export const hoursTerm = (agreement: Agreement, kind: GrantKind): HoursTerm | undefined =>
  termsOfType(agreement, 'hours').find((term) => term.kind === kind);

/** Minutes since midnight of `HH:MM`. */
export const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/**
 * The stretch of agreed hours from `at` on: until when access may go on without a pause; undefined where it is closed. Local time is UTC plus the
 * offset that both signed for that instant, so no zone database decides, and an instant before the first offset is closed.
 */
export function openFrom(term: HoursTerm, at: Instant): Interval | undefined {
  let to = at;
  // From span to span while one begins where the other ends; a stretch of more than a week never ends in a window that could be granted.
  while (to - at <= 7 * DAY * MINUTE) {
    const end = nextEnd(term, to) ?? to;
    if (end <= to) break;
    to = end;
  }
  return to > at ? { from: at, to } : undefined;
}

/** What the agreed hours leave of a window around `now`: it ends with them. Undefined outside them; the window itself where none are agreed. */
export function withinHours(
  agreement: Agreement,
  kind: GrantKind,
  window: Interval,
  now: Instant,
): Interval | undefined {
  const term = hoursTerm(agreement, kind);
  if (!term) return window;
  const open = openFrom(term, now);
  return open && { from: window.from, to: Math.min(window.to, open.to) };
}

/** Where the span that began last before this instant ends, or the clocks are changed within it; not after `at` where that is over. */
function nextEnd({ offsets, open }: HoursTerm, at: Instant): Instant | undefined {
  const nth = offsets.findLastIndex(({ from }) => from <= at);
  const offset = offsets[nth];
  if (!offset) return undefined;
  const local = Math.floor(at / MINUTE) + offset.minutes;
  const day = WEEKDAYS[(Math.floor(local / DAY) + FIRST_DAY) % 7];
  const minute = local % DAY;
  const ends = open.filter((one) => one.day === day && minutesOf(one.from) <= minute).map((one) => minutesOf(one.to));
  if (ends.length === 0) return undefined;
  const end = (local - minute + Math.max(...ends) - offset.minutes) * MINUTE;
  return Math.min(end, offsets[nth + 1]?.from ?? end);
}
