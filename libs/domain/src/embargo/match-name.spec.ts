import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { indexNames, LEAST_LIKENESS, matchName } from './match-name.js';
import { findNear, indexNear, oneLetterApart } from './near-texts.js';
import { type NormalName, normaliseName } from './normalise-name.js';

interface Listed {
  readonly of: string;
  readonly text: string;
  readonly weak: boolean;
}

const without = (text: string): string[] => [...text].map((_, at) => text.slice(0, at) + text.slice(at + 1));
const near = (one: string, other: string): boolean => {
  const [a, b] = [new Set([one, ...without(one)]), new Set([other, ...without(other)])];
  return [...a].some((text) => b.has(text));
};

/** The rule without an index: every listed name is held against the name. */
function everyName(listed: readonly Listed[], name: NormalName, least: number): Map<string, [number, boolean]> {
  const all = listed.map((one) => ({ ...one, name: normaliseName(one.text) as NormalName }));
  const count = (word: string) => all.filter((one) => one.name.words.includes(word)).length;
  const weightOf = (word: string) => Math.log(1 + all.length / (count(word) || 1));
  const sum = (words: Iterable<string>) => [...words].reduce((total, word) => total + weightOf(word), 0);
  const words = [...new Set(name.words)];
  const alike = (word: string): number => {
    if (words.includes(word)) return 1;
    return words.some((own) => own.length >= 5 && count(own) === 0 && near(own, word)) ? 0.88 : 0;
  };
  const best = new Map<string, [number, boolean]>();
  for (const one of all) {
    const listedWords = [...new Set(one.name.words)];
    const shared = listedWords.reduce((total, word) => total + alike(word) * weightOf(word), 0);
    const scores = [
      Math.min(0.98, (2 * shared) / (sum(words) + sum(listedWords))),
      listedWords.length > 1 ? Math.min(0.98, (0.9 * shared) / sum(listedWords)) : 0,
    ];
    const [a, b] = [one.name.squashed, name.squashed];
    if (a === b) scores.push(1);
    else if (a.length >= 8 && b.length >= 8 && near(a, b)) scores.push(0.95);
    const score = Math.max(...scores);
    const [known, weak] = best.get(one.of) ?? [-1, true];
    if (score >= least && (score > known || (score === known && weak))) best.set(one.of, [score, one.weak]);
  }
  return best;
}

// Few and near one another, so that names meet in every way.
const WORDS =
  'trading tradings tradin national nationals bank banks abcabc abcab bcabc acabc aaaaab aaaaac ship harbour'.split(
    ' ',
  );
const text = fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 5 }).map((words) => words.join(' '));

describe('a name', () => {
  it('finds through the index what holding it against every listed name finds', () => {
    const listed = fc.array(fc.record({ of: fc.constantFrom('p', 'q', 'r'), text, weak: fc.boolean() }), {
      maxLength: 12,
    });
    let found = 0;
    fc.assert(
      fc.property(listed, text, fc.nat(3), fc.constantFrom(LEAST_LIKENESS, 0.82, 1), (names, other, kind, least) => {
        const some = names[0]?.text ?? other;
        const asked = [other, some, `${some} ${other}`, some.split(' ').reverse().join(' ')][kind] ?? other;
        const name = normaliseName(asked) as NormalName;
        const matches = matchName(indexNames(names), name, least);
        found += matches.length;
        expect(new Map(matches.map(({ of, score, weak }) => [of, [score, weak]]))).toEqual(
          everyName(names, name, least),
        );
      }),
      { numRuns: 1_000, seed: 8 },
    );
    // Enough that a match is no accident.
    expect(found).toBeGreaterThan(300);
  });

  it('is answered best first, and then in the order of the list', () => {
    const names = ['beta national', 'alpha national', 'alpha nationals', 'alpha national'];
    const index = indexNames(names.map((one, of) => ({ of, text: one, weak: false })));
    const name = normaliseName('Alpha National Ltd') as NormalName;
    expect(matchName(index, name, LEAST_LIKENESS).map(({ of }) => of)).toEqual([1, 3, 2]);
  });
});

describe('a name of a frequent word', () => {
  it('is found behind names that share too little of their own', () => {
    const index = indexNames(['ship alpha', 'ship'].map((one) => ({ of: one, text: one, weak: false })));
    const matches = matchName(index, normaliseName('ship ship') as NormalName, LEAST_LIKENESS);
    expect(matches).toEqual([{ of: 'ship', score: 0.98, weak: false }]);
  });
});

describe('one letter apart', () => {
  it('is what leaving out a letter of either or both says', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 7 });
    fc.assert(
      fc.property(letters, letters, (a, b) => expect(oneLetterApart(a, b)).toBe(near(a, b))),
      { numRuns: 3_000, seed: 8 },
    );
  });

  it('is found among many', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });
    fc.assert(
      fc.property(fc.uniqueArray(letters, { maxLength: 40 }), letters, (texts, asked) => {
        const expected = texts.flatMap((one, at) => (near(one, asked) ? [at] : []));
        expect([...findNear(indexNear(texts), asked)].sort((a, b) => a - b)).toEqual(expected);
      }),
      { numRuns: 1_000, seed: 8 },
    );
  });
});
