import { describe, expect, it } from '@jest/globals';
import { SAMPLES } from '../../test/term-samples.js';
import type { TermType } from '../documents/agreement.js';
import { declarationOf, TERMS, termWords } from './term-table.js';

const rows = Object.keys(TERMS).map((type) => {
  const [one, other] = SAMPLES[type as TermType] as readonly [object, object];
  return { type: type as TermType, one: { ...one, type } as never, other };
});

describe.each(rows)('the clause $type in plain words', ({ type, one, other }) => {
  it('is a sentence and no form', () => {
    const words = termWords(one);
    expect(words.split(' ').length).toBeGreaterThan(5);
    expect(words).not.toMatch(/[{}]|undefined|NaN|\[object|Seconds/);
  });

  it.each(Object.keys(TERMS[type].order))('says another thing where %s is another', (member) => {
    expect(Object.keys(declarationOf(one).order)).toContain(member);
    expect(termWords({ ...(one as object), [member]: other[member as never] } as never)).not.toBe(termWords(one));
  });
});
