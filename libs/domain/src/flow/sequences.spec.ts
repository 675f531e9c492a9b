import { describe, expect, it } from '@jest/globals';
import { hasSequence, missingIn, NO_SEQUENCES, withSequence } from './sequences.js';

const seenIn = (order: readonly number[]) => order.reduce(withSequence, NO_SEQUENCES);

describe('the numbers of a flow', () => {
  it.each([
    [[0, 1, 2, 3], [[0, 3]], 0],
    [[3, 2, 1, 0], [[0, 3]], 0],
    [
      [5, 9, 7],
      [
        [5, 5],
        [7, 7],
        [9, 9],
      ],
      2,
    ],
    [[5, 9, 7, 6, 8, 7], [[5, 9]], 0],
    [[4, 4, 4], [[4, 4]], 0],
    [[], [], 0],
  ] as const)('that came as %j are %j, and %i are missing', (order, spans, missing) => {
    expect(seenIn(order)).toEqual(spans);
    expect(missingIn(seenIn(order))).toBe(missing);
  });

  it('are those that came and no others, in any order', () => {
    for (let run = 0; run < 200; run += 1) {
      const all = Array.from({ length: 30 }, (_, at) => (at * 7 + run * 13) % 40).filter((n) => (n * run) % 3 !== 1);
      const seen = seenIn(all);
      for (let n = 0; n < 40; n += 1) expect([n, hasSequence(seen, n)]).toEqual([n, all.includes(n)]);
    }
  });
});
