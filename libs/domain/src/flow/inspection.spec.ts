import { describe, expect, it } from '@jest/globals';
import { dataCollection, id, NOW } from '../../test/a-right.js';
import { goes, withTerms } from '../../test/papers.js';
import { activate } from '../agreement/activate.js';
import type { DataTerm } from '../documents/agreement.js';
import { PURPOSES } from '../documents/key.js';
import { compareVersions } from '../term/order.js';
import { termWords } from '../term/term-table.js';
import { mayInspect } from './inspection.js';

const term = dataCollection as DataTerm;
const inRegion: DataTerm = { ...term, inspection: 'region' };

describe('where data is inspected', () => {
  it.each([
    ['plant', 'enforce'],
    ['region', 'inspect'],
  ] as const)('in the %s only a key certified to %s may', (inspection, purpose) => {
    for (const one of PURPOSES)
      expect([one, mayInspect({ inspection }, [one, 'call']).allowed]).toEqual([one, one === purpose]);
    expect(mayInspect({ inspection }, [])).toEqual({
      allowed: false,
      refusal: { code: inspection === 'plant' ? 'inspected_at_plant' : 'inspected_in_region' },
    });
  });

  it('needs both sides to change, either way', () => {
    const without = withTerms().terms.filter(({ type }) => type !== 'data-collection');
    const of = (data: DataTerm) => ({ ...withTerms(), terms: [...without, data] });
    for (const [before, after] of [
      [term, inRegion],
      [inRegion, term],
    ] as const)
      expect(compareVersions(of(before), of(after)).map(({ effect }) => effect)).toEqual(['both']);
  });

  it('in a region gives no pseudonyms, whose key stays in the plant', () => {
    const without = withTerms().terms.filter(({ type }) => type !== 'data-collection');
    const keys = [
      { key: 'operator', unit: null, category: id('process'), action: 'pseudonymise', step: null } as const,
    ];
    const made = (data: DataTerm) => activate({ ...withTerms(), terms: [...without, { ...data, keys }] }, NOW);
    expect(made(term)).toMatchObject(goes);
    expect(made(inRegion)).toMatchObject({ refusal: { code: 'agreement_incoherent', clause: 'data-collection' } });
  });

  it('is said in plain words', () => {
    expect(termWords(inRegion)).toMatch(/; read and minimised by whoever runs the region, not in the plant$/);
    expect(termWords(term)).not.toMatch(/read and minimised/);
  });
});
