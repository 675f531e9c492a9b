import { describe, expect, it } from '@jest/globals';
import { agreementOf, BUYER, VENDOR } from '../../test/a-right.js';
import type { Term } from '../documents/agreement.js';
import { PURPOSES, type Purpose } from '../documents/key.js';
import { compareVersions } from '../term/order.js';
import { custodyFault } from './custody.js';

const custody = (party: typeof VENDOR, kept: 'separate' | 'single'): Term => ({
  type: 'custody',
  party,
  custody: kept,
});
/** What each party publishes its keys for. */
const keys =
  (vendor: readonly Purpose[][], buyer: readonly Purpose[][] = []) =>
  (party: typeof VENDOR) =>
    party === VENDOR ? vendor : buyer;
const OF_THE_ORGANISATION: readonly Purpose[] = ['root', 'certify', 'agreement'];
const others = PURPOSES.filter((one) => !OF_THE_ORGANISATION.includes(one));

describe('a key that speaks for its organisation', () => {
  it.each(OF_THE_ORGANISATION.flatMap((one) => others.map((other) => [one, other] as const)))(
    'of the purpose %s is not one for %s too, unless both accepted that of this party',
    (one, other) => {
      const mixed = keys([[one, other]]);
      expect(custodyFault(agreementOf(), mixed)).toBe(VENDOR);
      expect(custodyFault(agreementOf({ terms: [custody(VENDOR, 'separate')] }), mixed)).toBe(VENDOR);
      expect(custodyFault(agreementOf({ terms: [custody(BUYER, 'single')] }), mixed)).toBe(VENDOR);
      expect(custodyFault(agreementOf({ terms: [custody(VENDOR, 'single')] }), mixed)).toBeUndefined();
    },
  );

  it('may speak for it in several ways, and every other key may do what it likes', () => {
    expect(custodyFault(agreementOf(), keys([['root', 'certify', 'agreement'], [...others], []]))).toBeUndefined();
    expect(custodyFault(agreementOf(), keys([], [['certify'], ['beat', 'agreement']]))).toBe(BUYER);
  });
});

describe('the place of custody in the order', () => {
  const effects = (before: Term[], after: Term[]) =>
    compareVersions(agreementOf({ terms: before }), agreementOf({ terms: after })).map(({ effect }) => effect);

  it('is narrower by one side towards separate keys alone', () => {
    const [single, separate] = [custody(VENDOR, 'single'), custody(VENDOR, 'separate')];
    expect(effects([single], [separate])).toEqual(['narrower']);
    expect(effects([single], [])).toEqual(['narrower']);
    expect(effects([], [single])).toEqual(['both']);
    expect(effects([separate], [single])).not.toEqual(['narrower']);
  });
});
