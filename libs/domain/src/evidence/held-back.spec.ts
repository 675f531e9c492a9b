import { describe, expect, it } from '@jest/globals';
import { digest } from '../../test/a-right.js';
import type { AgreementId } from '../names.js';
import { heldBack } from './held-back.js';
import { type EvidenceRecord, evidenceOf } from './record.js';

const GATEWAY = 'delta-foods.example/plant-gateway';
let made = 0;
const record = (kind: 'scan.quarantined' | 'scan.released', at: number, over: Partial<EvidenceRecord> = {}) =>
  evidenceOf(over.source ?? GATEWAY, `evd_${++made}`, {
    ...{ log: 'agr_0123456789abcdefghjkmnpqrs' as AgreementId, kind, at, outcome: 'deny', session: 'grt_1' },
    documents: [digest('bytes'), ...(kind === 'scan.released' ? [digest('one'), digest('other')] : [])],
    ...over,
  });
const states = (...records: EvidenceRecord[]) =>
  heldBack(records).map(({ found, released }) => [found.at, released?.at]);

describe('what the records say is held back', () => {
  it('is held until its own gateway says that it went on, in whatever order the records came', () => {
    expect(states(record('scan.quarantined', 1))).toEqual([[1, undefined]]);
    expect(states(record('scan.released', 2), record('scan.quarantined', 1))).toEqual([[1, 2]]);
  });

  it.each<[string, Partial<EvidenceRecord>]>([
    ['somebody else than its gateway', { source: 'broker/audit' }],
    ['another flow', { session: 'grt_2' }],
    ['other bytes', { documents: [digest('other bytes')] }],
  ])('is still held where the release is of %s', (_what, over) => {
    expect(states(record('scan.quarantined', 1), record('scan.released', 2, over))).toEqual([[1, undefined]]);
  });

  it('is held again when it was found again, and shown once, the newest first', () => {
    const [first, again] = [record('scan.quarantined', 1), record('scan.quarantined', 5)];
    const other = record('scan.quarantined', 3, { documents: [digest('other bytes')] });
    expect(states(first, record('scan.released', 2), other, again)).toEqual([
      [5, undefined],
      [3, undefined],
    ]);
  });
});
