import { findNear, indexNear, type NearTexts } from './near-texts.js';
import type { NormalName } from './normalise-name.js';
import { normaliseName } from './normalise-name.js';

export interface NameMatch<T> {
  readonly of: T;
  /** 1 for the same name, less the more letters and words differ. */
  readonly score: number;
  readonly weak: boolean;
}

/** One name in the index, and where it belongs. */
interface IndexedName<T> {
  readonly of: T;
  readonly weak: boolean;
  /** Numbers of its words, each once. */
  readonly words: readonly number[];
  readonly weight: number;
}

/** Names under the numbers of words: those of word `w` lie from `starts[w]` to `starts[w + 1]`, by falling key. */
interface Postings {
  readonly starts: Int32Array;
  readonly names: Int32Array;
  readonly keys: Float64Array;
}

/** Names that can be searched for what is near. Immutable: a new list is a new index. */
export interface NameIndex<T> {
  readonly names: readonly IndexedName<T>[];
  /** Words are numbered from the rarest to the most frequent. */
  readonly words: ReadonlyMap<string, number>;
  readonly weights: Float64Array;
  /** Weight of a word that no list has. */
  readonly rarest: number;
  readonly nearWords: NearTexts;
  readonly bySquash: ReadonlyMap<string, readonly number[]>;
  readonly nearSquashes: NearTexts;
  /** Names that somebody may reach by being like the whole of them, and names that somebody's name may hold. */
  readonly alike: Postings;
  readonly within: Postings;
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
/** Sums of the same weights in another order differ by less. A bound is loosened by it, a score never is. */
const SLACK = 1e-9;

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
  const byRarity = [...counts].sort(([, a], [, b]) => a - b);
  const words = new Map(byRarity.map(([word], number) => [word, number]));
  const weights = Float64Array.from(byRarity, ([, count]) => Math.log(1 + normal.length / count));
  const indexed = normal.map(({ of, weak, name }) => {
    const own = [...new Set(name.words)].map((word) => words.get(word) as number);
    return { of, weak, words: own, weight: own.reduce((sum, word) => sum + (weights[word] as number), 0) };
  });
  const bySquash = new Map<string, number[]>();
  for (const [at, { name }] of normal.entries()) {
    const same = bySquash.get(name.squashed);
    if (same) same.push(at);
    else bySquash.set(name.squashed, [at]);
  }
  return {
    names: indexed,
    words,
    weights,
    rarest: Math.log(1 + normal.length),
    nearWords: indexNear([...words.keys()]),
    bySquash,
    nearSquashes: indexNear([...bySquash.keys()].filter((text) => text.length >= NEAR_SQUASH)),
    alike: post(indexed, weights, alikeKey),
    within: post(indexed, weights, withinKey),
  };
}

/**
 * `rest` is the weight of a name from its first shared word on, so no more than `rest` is shared. A likeness of `LEAST_LIKENESS` with a name
 * of weight `w` needs 2 rest >= LEAST_LIKENESS (weight + w), so a key of at least LEAST_LIKENESS w.
 */
const alikeKey = (rest: number, { weight }: IndexedName<unknown>): number => 2 * rest - LEAST_LIKENESS * weight;

/** A name is held by another only where nearly all of its weight is shared, so under its rarest words alone. */
const withinKey = (rest: number, { weight, words }: IndexedName<unknown>): number =>
  words.length > 1 ? rest - (LEAST_LIKENESS / WITHIN) * weight : Number.NEGATIVE_INFINITY;

function post(
  names: readonly IndexedName<unknown>[],
  weights: Float64Array,
  keyOf: (rest: number, name: IndexedName<unknown>) => number,
): Postings {
  const postings = Array.from({ length: weights.length }, (): { name: number; key: number }[] => []);
  for (const [at, name] of names.entries()) {
    let rest = name.weight;
    for (const word of [...name.words].sort((a, b) => a - b)) {
      const key = keyOf(rest, name);
      if (key < -SLACK) break;
      postings[word]?.push({ name: at, key });
      rest -= weights[word] as number;
    }
  }
  const starts = new Int32Array(weights.length + 1);
  for (const [word, posted] of postings.entries()) {
    posted.sort((a, b) => b.key - a.key);
    starts[word + 1] = (starts[word] as number) + posted.length;
  }
  const flat = postings.flat();
  return {
    starts,
    names: Int32Array.from(flat, ({ name }) => name),
    keys: Float64Array.from(flat, ({ key }) => key),
  };
}

/**
 * Every name of the index at or above `least` (at least `LEAST_LIKENESS`), best first and then in the order of the index, at most one answer
 * per owner. Names are near when they are one letter apart as a whole, or share words by their weight: rare words count, "trading" hardly does.
 */
export function matchName<T>(index: NameIndex<T>, name: NormalName, least: number): readonly NameMatch<T>[] {
  const found = new Map<T, NameMatch<T> & { readonly at: number }>();
  const offer = (at: number, score: number) => {
    if (score < least) return;
    const { of, weak } = index.names[at] as IndexedName<T>;
    const known = found.get(of);
    if (known && (known.score > score || (known.score === score && !known.weak))) return;
    found.set(of, { of, score, weak, at });
  };
  const { squashed } = name;
  for (const at of index.bySquash.get(squashed) ?? NONE) offer(at, 1);
  if (squashed.length >= NEAR_SQUASH)
    for (const near of findNear(index.nearSquashes, squashed))
      for (const at of index.bySquash.get(index.nearSquashes.texts[near] as string) ?? NONE)
        offer(at, ONE_LETTER_OF_ALL);
  offerByWords(index, name, least, offer);
  return [...found.values()]
    .sort((a, b) => b.score - a.score || a.at - b.at)
    .map(({ of, score, weak }) => ({ of, score, weak }));
}

/** Offers every name that can reach `least` by shared words; of those that cannot, few. */
function offerByWords<T>(
  index: NameIndex<T>,
  name: NormalName,
  least: number,
  offer: (at: number, score: number) => void,
): void {
  const { alike, within, weights, rarest } = index;
  const words = [...new Set(name.words)];
  let mine = 0;
  for (const word of words) mine += weights[index.words.get(word) ?? -1] ?? rarest;
  const likeness = likenessOf(index, words);
  let rest = 0;
  for (const [word, alikeBy] of likeness) rest += alikeBy * (weights[word] as number);
  // 2 shared / (own + other) >= least, and no name shares more than it has: shared >= least / (2 - least) of one's own.
  const needed = (least * mine) / (2 - least) - SLACK;
  const leastKey = LEAST_LIKENESS * mine - SLACK;
  // In the order that names are posted in: under their first shared word, or an earlier one.
  for (const word of [...likeness.keys()].sort((a, b) => a - b)) {
    const walk = ({ starts, names, keys }: Postings, key: number) => {
      const end = starts[word + 1] as number;
      for (let i = starts[word] as number; i < end && (keys[i] as number) >= key; i += 1)
        offer(names[i] as number, wordScore(index, names[i] as number, likeness, mine));
    };
    if (rest >= needed) walk(alike, leastKey);
    walk(within, -SLACK);
    rest -= (likeness.get(word) ?? 0) * (weights[word] as number);
  }
}

function wordScore<T>(
  { names, weights }: NameIndex<T>,
  at: number,
  likeness: ReadonlyMap<number, number>,
  mine: number,
): number {
  const { words, weight } = names[at] as IndexedName<T>;
  let shared = 0;
  for (const word of words) shared += (likeness.get(word) ?? 0) * (weights[word] as number);
  const alike = (2 * shared) / (mine + weight);
  // A branch adds words to its mother's name; one word of a name by itself says nothing.
  const within = words.length > 1 ? (WITHIN * shared) / weight : 0;
  // Sharing every word in another order is the same name to a human, so it is no less than one letter apart.
  return Math.min(Math.max(alike, within), 0.98);
}

/** Every listed word that is one of these words or one letter from it, with how alike they are. */
function likenessOf<T>(index: NameIndex<T>, words: readonly string[]): ReadonlyMap<number, number> {
  const likeness = new Map<number, number>();
  for (const word of words) {
    const listed = index.words.get(word);
    if (listed !== undefined) likeness.set(listed, 1);
    else if (word.length >= NEAR_WORD)
      for (const near of findNear(index.nearWords, word)) if (!likeness.has(near)) likeness.set(near, ONE_LETTER);
  }
  return likeness;
}
