import { describe, expect, it } from '@jest/globals';
import { agreementOf, BUYER, DAY, id, MINUTE, VENDOR } from '../../test/a-right.js';
import type { EvidenceTerm } from '../documents/agreement.js';
import { silentWitness } from './silent-witness.js';

const agreed = (over: Partial<EvidenceTerm> = {}) =>
  agreementOf({
    terms: [
      {
        ...{ type: 'evidence', region: id('eu-1'), retentionSeconds: 1 },
        cosigning: 'both',
        witnessSilenceSeconds: 60,
        ...over,
      } as EvidenceTerm,
    ],
  });
const waiting = (vendor: number, buyer: number) =>
  new Map([
    [VENDOR, vendor],
    [BUYER, buyer],
  ]);

describe('a witness', () => {
  it('is silent from the millisecond on that was agreed, whoever it is of', () => {
    expect(silentWitness(agreed(), waiting(MINUTE, MINUTE))).toBeUndefined();
    expect(silentWitness(agreed(), waiting(MINUTE + 1, 0))).toBe(VENDOR);
    expect(silentWitness(agreed(), waiting(0, MINUTE + 1))).toBe(BUYER);
    expect(silentWitness(agreed(), new Map())).toBeUndefined();
  });

  it('of one side is enough where one must cosign, and none where nobody must', () => {
    const [one, none] = [agreed({ cosigning: 'one' }), agreed({ cosigning: 'none' })];
    expect(silentWitness(one, waiting(DAY, MINUTE))).toBeUndefined();
    expect(silentWitness(one, waiting(DAY, MINUTE + 1))).toBeDefined();
    expect(silentWitness(none, waiting(DAY, DAY))).toBeUndefined();
  });

  it('stops nothing where the agreement does not say how long it may be silent', () => {
    expect(silentWitness(agreed({ witnessSilenceSeconds: undefined }), waiting(DAY, DAY))).toBeUndefined();
    expect(silentWitness(agreementOf({ terms: [] }), waiting(DAY, DAY))).toBeUndefined();
  });

  it('of who is gone is waited for by nobody', () => {
    expect(silentWitness(agreed(), waiting(DAY, 0), [VENDOR])).toBeUndefined();
    expect(silentWitness(agreed({ cosigning: 'one' }), waiting(DAY, 0), [VENDOR])).toBeUndefined();
    expect(silentWitness(agreed({ cosigning: 'one' }), waiting(0, DAY), [VENDOR])).toBe(BUYER);
    expect(silentWitness(agreed(), waiting(DAY, MINUTE + 1), [VENDOR])).toBe(BUYER);
  });
});
