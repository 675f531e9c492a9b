/** Numbers that look random and are the same in every run with the same seed (mulberry32). */
export interface Random {
  /** A whole number from 0 up to and without `below`. */
  below(below: number): number;
  chance(oneIn: number): boolean;
  pick<T>(from: readonly T[]): T;
}

export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    chance: (oneIn) => below(oneIn) === 0,
    pick: (from) => {
      const one = from[below(from.length)];
      if (one === undefined) throw new RangeError('nothing to pick from');
      return one;
    },
  };
}

/**
 * One case of a property: what it drew goes to the rule of libs/ and to an oracle that imports nothing of libs/. Answers what they disagree on,
 * undefined where they agree.
 */
export type Property = (random: Random) => string | undefined;

/** The named properties of one area. */
export type PropertyArea = Readonly<Record<string, Property>>;
