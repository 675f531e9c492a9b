import { describe, expect, it } from '@jest/globals';
import { agreementOf, digest } from '../../test/a-right.js';
import { SAMPLES } from '../../test/term-samples.js';
import { narrowingFault } from '../act/narrowing.js';
import type { Agreement, Term, TermType } from '../documents/agreement.js';
import { compareVersions, provablyNarrower } from './order.js';
import { clauseOf, TERMS } from './term-table.js';

// Every member of every clause changed and changed back, each clause struck and added, by one side alone: as an amendment, and as an act that narrows. Of two
// ways of which each undoes the other one at most is for one side, and what is for none no act may say. A term or member without a sample does not compile.

const base = agreementOf({ terms: [] });
const withTerm = (term: Term | undefined): Agreement => ({ ...base, terms: term ? [term] : [] });

/** Whether one side alone may turn the first into the second; where it may not, an act that says the same is refused too. */
function alone(before: Term | undefined, after: Term | undefined): boolean {
  const version = withTerm(before);
  const narrower = provablyNarrower(version, withTerm(after));
  const replaced = before && after && clauseOf(before) === clauseOf(after);
  const strike = { resources: [], clauses: before && !replaced ? [clauseOf(before)] : [] };
  const narrowing = { version: digest('agreement'), strike, instead: { resources: [], terms: after ? [after] : [] } };
  if (!narrower) expect(narrowingFault(version, narrowing)).toBeDefined();
  return narrower;
}

type Members = Readonly<Record<string, unknown>>;
const types = Object.keys(SAMPLES) as readonly TermType[];
const changes = types.flatMap((type) => {
  const [was, is] = SAMPLES[type] as readonly [Members, Members];
  const order = TERMS[type].order as Readonly<Record<string, unknown>>;
  const one = { type, ...was } as unknown as Term;
  return Object.keys(order).map((member) => {
    const other = { ...one, [member]: is[member] } as Term;
    return [`${type} ${member}`, one, other, order[member]] as const;
  });
});

describe('one side alone', () => {
  it.each(changes)('cannot change %s and change it back', (_, one, other, place) => {
    expect(compareVersions(withTerm(one), withTerm(other))).not.toEqual([]);
    const ways = [alone(one, other), alone(other, one)].filter(Boolean);
    expect(ways.length).toBeLessThan(2);
    if (place === 'both' || place === 'identity') expect(ways).toEqual([]);
  });

  it.each(types)('cannot strike %s and add it again', (type) => {
    const term = { type, ...(SAMPLES[type] as readonly object[])[0] } as unknown as Term;
    expect([alone(term, undefined), alone(undefined, term)].filter(Boolean).length).toBeLessThan(2);
  });
});
