import { occurrence } from './machine-event.js';

/** Readings that a window needs to leave: of fewer, what is left over says what single ones were. */
export const LEAST_OF_A_WINDOW = 5;

/** A number that was said of one key, and when it occurred (RFC 3339). */
export interface Quantity {
  readonly at: string;
  readonly number: number;
}

/** What is said of one window: how many there were, the least, the greatest, and their mean, separated by blanks. */
export interface WindowSaid {
  /** Where the window begins (RFC 3339, UTC). Windows begin at whole multiples of their length since 1970. */
  readonly at: string;
  readonly value: string;
}

export interface Aggregated {
  readonly windows: readonly WindowSaid[];
  /** Readings of windows that had too few, or that did not say when. */
  readonly left: number;
}

/** Digits that a double holds for certain. */
const CERTAIN_DIGITS = 12;

/**
 * What leaves of a key in place of its values. Only what was said together is taken together: nothing waits here for a window to be full, since what was accepted would be lost
 * with it. So a collector pushes what belongs together in one event.
 *
 * @param seconds length of a window
 */
export function aggregate(quantities: readonly Quantity[], seconds: number): Aggregated {
  const windows = new Map<number, number[]>();
  let left = 0;
  for (const { at, number } of quantities) {
    const time = occurrence(at);
    if (time === undefined) left += 1;
    else {
      const begin = Math.floor(time / (seconds * 1_000)) * seconds * 1_000;
      windows.set(begin, [...(windows.get(begin) ?? []), number]);
    }
  }
  const said: WindowSaid[] = [];
  for (const [begin, numbers] of [...windows].sort(([a], [b]) => a - b)) {
    if (numbers.length >= LEAST_OF_A_WINDOW) said.push({ at: new Date(begin).toISOString(), value: saidOf(numbers) });
    else left += numbers.length;
  }
  return { windows: said, left };
}

function saidOf(numbers: readonly number[]): string {
  const mean = numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
  const least = numbers.reduce((a, b) => Math.min(a, b));
  const greatest = numbers.reduce((a, b) => Math.max(a, b));
  return [numbers.length, least, greatest, Number(mean.toPrecision(CERTAIN_DIGITS))].join(' ');
}
