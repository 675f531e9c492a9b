import type { Digest, EvidenceRecord } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { describe, expect, it } from '@jest/globals';
import { gapFinder, gapLine } from './gap-finder.js';

const record = (source: string, sequence?: number, previous: Digest | null = null): EvidenceRecord =>
  ({ id: `evd_${source}_${sequence}`, source, ...(sequence && { place: { sequence, previous } }) }) as EvidenceRecord;

describe('whoever verifies a copy of a log', () => {
  it('is told of each gap and fork in what gateways delivered, whatever stands between, and of none where there is none', () => {
    const first = record('a/gate', 1);
    const second = record('a/gate', 2, digestOf(first));
    const other = record('b/gate', 1);
    const told = (...records: readonly EvidenceRecord[]) => {
      const gaps = gapFinder();
      for (const [index, one] of records.entries()) gaps.see(index, one);
      return gaps.found.map((one) => gapLine(one));
    };
    expect(told(first, record('broker/grants'), other, second)).toEqual([]);
    expect(told(other, second)).toEqual(['FINDING: records of a/gate are missing before row 1']);
    expect(told(first, second, record('a/gate', 2, digestOf(first)))).toEqual([
      'FINDING: a/gate wrote another history from row 2 on',
    ]);
  });
});
