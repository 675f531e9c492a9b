import type { NormalName } from './normalise-name.js';
import { normaliseName } from './normalise-name.js';

/** One name in the index, and where it belongs. */
export interface IndexedName<T> {
  readonly of: T;
  readonly weak: boolean;
  readonly words: readonly string[];
  readonly weight: number;
}

export interface NameMatch<T> {
  readonly of: T;
  /** 1 for the same name, less the more letters and words differ. */
  readonly score: number;
  readonly weak: boolean;
}

/** Names that can be searched for what is near. Immutable: a new list is a new index. */
export interface NameIndex<T> {
  readonly bySquash: ReadonlyMap<string, readonly IndexedName<T>[]>;
  /** Whole names, and whole names with one letter left out. */
  readonly byNearSquash: ReadonlyMap<string, readonly IndexedName<T>[]>;
  /** By the heavy words of each name: without one of them nobody reaches `LEAST_LIKENESS`. */
  readonly byHeavyWord: ReadonlyMap<string, readonly IndexedName<T>[]>;
  /** Words with one letter left out, to the words they come from. */
  readonly nearWords: ReadonlyMap<string, readonly string[]>;
  readonly weights: ReadonlyMap<string, number>;
  /** Weight of a word that no list has. */
  readonly rarest: number;
}

/** No threshold may lie lower: below it everything is like everything. */
export const LEAST_LIKENESS = 0.75;

const NONE: readonly never[] = [];
const NEAR_WORD = 5;
const NEAR_SQUASH = 8;
const ONE_LETTER = 0.88;
const ONE_LETTER_OF_ALL = 0.95;
/** What it is worth that a name holds the whole of a listed one and more. */
const WITHIN = 0.9;

/** Builds the index. Names nothing can compare are left to their identifiers. */
export function indexNames<T>(
  names: Iterable<{ readonly of: T; readonly text: string; readonly weak: boolean }>,
): NameIndex<T> {
  const normal = [...names].flatMap(({ of, text, weak }) => {
    const name = normaliseName(text);
    return name ? [{ of, weak, name }] : [];
  });
  const counts = new Map<string, number>();
  for (const { name } of normal) for (const word of new Set(name.words)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const rarest = Math.log(1 + normal.length);
  const weights = new Map([...counts].map(([word, count]) => [word, Math.log(1 + normal.length / count)]));
  const built = {
    bySquash: new Map<string, IndexedName<T>[]>(),
    byNearSquash: new Map<string, IndexedName<T>[]>(),
    byHeavyWord: new Map<string, IndexedName<T>[]>(),
  };
  for (const one of normal) {
    const words = [...new Set(one.name.words)];
    const indexed = { ...one, words, weight: weightOf(words, weights, rarest) };
    const { squashed } = one.name;
    put(built.bySquash, squashed, indexed);
    if (squashed.length >= NEAR_SQUASH)
      for (const key of new Set([squashed, ...withoutOne(squashed)])) put(built.byNearSquash, key, indexed);
    for (const word of heavyWords(words, indexed.weight, weights)) put(built.byHeavyWord, word, indexed);
  }
  const nearWords = new Map<string, string[]>();
  for (const word of counts.keys())
    if (word.length >= NEAR_WORD) for (const key of withoutOne(word)) put(nearWords, key, word);
  return { ...built, nearWords, weights, rarest };
}

/** The heaviest words of a name, as many as leave less than what anybody must share with it. */
function heavyWords(words: readonly string[], weight: number, weights: ReadonlyMap<string, number>): readonly string[] {
  const byWeight = [...words].sort((a, b) => (weights.get(b) ?? 0) - (weights.get(a) ?? 0));
  // 2 shared / (own + other) >= least, and no name shares more than it has: shared >= least / (2 - least) of either.
  const needed = (weight * LEAST_LIKENESS) / (2 - LEAST_LIKENESS);
  let rest = weight;
  return byWeight.filter((word) => {
    const counts = rest >= needed;
    rest -= weights.get(word) ?? 0;
    return counts;
  });
}

/**
 * Every name of the index at or above `least` (at least `LEAST_LIKENESS`), best first, at most one answer per owner. Names are near when they
 * are one letter apart as a whole, or share words by their weight: rare words count, "trading" hardly does.
 */
export function matchName<T>(index: NameIndex<T>, name: NormalName, least: number): readonly NameMatch<T>[] {
  const found = new Map<T, NameMatch<T>>();
  const offer = (one: IndexedName<T>, score: number) => {
    if (score < least) return;
    const known = found.get(one.of);
    if (known && (known.score > score || (known.score === score && !known.weak))) return;
    found.set(one.of, { of: one.of, score, weak: one.weak });
  };
  for (const one of index.bySquash.get(name.squashed) ?? NONE) offer(one, 1);
  if (name.squashed.length >= NEAR_SQUASH) {
    for (const one of index.byNearSquash.get(name.squashed) ?? NONE) offer(one, ONE_LETTER_OF_ALL);
    for (const key of withoutOne(name.squashed))
      for (const one of index.byNearSquash.get(key) ?? NONE) offer(one, ONE_LETTER_OF_ALL);
  }
  const words = [...new Set(name.words)];
  const mine = weightOf(words, index.weights, index.rarest);
  const likeness = likenessOf(index, words);
  for (const word of likeness.keys())
    for (const one of index.byHeavyWord.get(word) ?? NONE) offer(one, wordScore(index, one, likeness, mine));
  return [...found.values()].sort((a, b) => b.score - a.score);
}

function wordScore<T>(
  index: NameIndex<T>,
  one: IndexedName<T>,
  likeness: ReadonlyMap<string, number>,
  mine: number,
): number {
  let shared = 0;
  for (const word of one.words) {
    const alike = likeness.get(word);
    if (alike !== undefined) shared += alike * (index.weights.get(word) ?? index.rarest);
  }
  const alike = (2 * shared) / (mine + one.weight);
  // A branch adds words to its mother's name; one word of a name by itself says nothing.
  const within = one.words.length > 1 ? (WITHIN * shared) / one.weight : 0;
  // Sharing every word in another order is the same name to a human, so it is no less than one letter apart.
  return Math.min(Math.max(alike, within), 0.98);
}

/** Every listed word that is one of these words or one letter from it, with how alike they are. */
function likenessOf<T>({ weights, nearWords }: NameIndex<T>, words: readonly string[]): Map<string, number> {
  const likeness = new Map<string, number>();
  const near = (word: string) => {
    if (!likeness.has(word)) likeness.set(word, ONE_LETTER);
  };
  for (const word of words) {
    if (weights.has(word)) {
      likeness.set(word, 1);
      continue;
    }
    if (word.length < NEAR_WORD) continue;
    for (const other of nearWords.get(word) ?? NONE) near(other);
    for (const key of withoutOne(word)) {
      if (weights.has(key)) near(key);
      for (const other of nearWords.get(key) ?? NONE) near(other);
    }
  }
  return likeness;
}

function weightOf(words: readonly string[], weights: ReadonlyMap<string, number>, rarest: number): number {
  let sum = 0;
  for (const word of words) sum += weights.get(word) ?? rarest;
  return sum;
}

function withoutOne(word: string): string[] {
  const out: string[] = [];
  for (let at = 0; at < word.length; at += 1) out.push(word.slice(0, at) + word.slice(at + 1));
  return out;
}

function put<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const held = map.get(key);
  if (held) held.push(value);
  else map.set(key, [value]);
}
