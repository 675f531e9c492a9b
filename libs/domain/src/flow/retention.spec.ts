import { describe, expect, it } from '@jest/globals';
import { dataCollection, id, press7 } from '../../test/a-right.js';
import { withTerms } from '../../test/papers.js';
import type { DataTerm } from '../documents/agreement.js';
import { retentionOver } from './retention.js';

const { retentionSeconds, product } = dataCollection as DataTerm;
const sealedAt = Date.UTC(2026, 5, 1);
const over = (afterSeconds: number, more: object = {}, agreement = withTerms()) =>
  retentionOver(agreement, { product, machine: press7, sealedAt, ...more }, sealedAt + afterSeconds * 1000);

describe('how long what was received may be kept', () => {
  it('is what the agreement says, to the second', () => {
    expect([over(0), over(retentionSeconds - 0.001), over(retentionSeconds)]).toEqual([false, false, true]);
  });

  it('is not at all where no term speaks of it', () => {
    expect(over(0, { product: id('video') })).toBe(true);
    expect(over(0, { machine: { ...press7, id: id('press-8') } })).toBe(true);
    const none = { ...withTerms(), terms: withTerms().terms.filter(({ type }) => type !== 'data-collection') };
    expect(over(0, {}, none)).toBe(true);
  });
});
