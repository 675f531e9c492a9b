import { describe, expect, it } from '@jest/globals';
import { agreementOf, BUYER, id, VENDOR } from '../../test/a-right.js';
import { notEvaluated, type ReportedPoint } from './enforceable.js';

const agreement = agreementOf({ terms: [...agreementOf().terms, { type: 'notice', terminateSeconds: 1 }] });
const all = agreement.terms.map(({ type }) => type);
const without = all.filter((type) => type !== 'notice');
const point = (over: Partial<ReportedPoint> = {}): ReportedPoint => ({
  ...{ organisation: BUYER, id: id('gate'), resources: [id('press-7')], evaluators: without, ...over },
});

describe('a version and the enforcement points in its scope', () => {
  it('is named the term that one of them cannot evaluate, and which one that is', () => {
    expect(notEvaluated(agreement, [point({ evaluators: all }), point()])).toBe(`notice at ${BUYER}/gate`);
    expect(notEvaluated(agreement, [point({ evaluators: all })])).toBeUndefined();
    expect(notEvaluated(agreement, [])).toBeUndefined();
  });

  it('asks nobody who guards something else, or the same name of somebody else', () => {
    expect(notEvaluated(agreement, [point({ resources: [id('press-9')] })])).toBeUndefined();
    expect(notEvaluated(agreement, [point({ organisation: VENDOR })])).toBeUndefined();
  });

  it('asks every point of an owner whose machines are taken in by a selector', () => {
    const selector = {
      ...{ type: 'selector', owner: VENDOR, site: id('linz'), zone: id('hall'), class: 'standard', services: [] },
    } as const;
    const wide = { ...agreement, terms: [...agreement.terms, selector] };
    const there = point({ organisation: VENDOR, resources: [], evaluators: [...all] });
    expect(notEvaluated(wide, [there])).toBe(`selector at ${VENDOR}/gate`);
  });
});
