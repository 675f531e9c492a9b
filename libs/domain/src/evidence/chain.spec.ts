import { describe, expect, it } from '@jest/globals';
import type { Digest } from '../names.js';
import { type ChainHead, chainFault, headAfter, placeAfter, type RecordPlace } from './chain.js';

const digest = (name: string) => `sha256:${name}` as Digest;
const place = (sequence: number, previous: string | null): RecordPlace => ({
  sequence,
  previous: previous === null ? null : digest(previous),
});
/** The faults of a history; each record is named by its digest. */
function faultsOf(...records: readonly (readonly [string, RecordPlace | undefined])[]) {
  let head: ChainHead | undefined;
  return records.map(([name, at]) => {
    const fault = chainFault(head, at);
    head = headAfter(head, at, digest(name));
    return fault;
  });
}

describe('the records of one source in one log', () => {
  it('each follow the one before', () => {
    expect(faultsOf(['a', place(1, null)], ['b', place(2, 'a')], ['c', place(3, 'b')])).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(placeAfter(undefined)).toEqual(place(1, null));
    expect(placeAfter({ sequence: 7, digest: digest('x') })).toEqual(place(8, 'x'));
  });

  it('have a gap where some are missing, also the first, and one gap is one finding', () => {
    expect(faultsOf(['a', place(1, null)], ['c', place(3, 'b')], ['d', place(4, 'c')])).toEqual([
      ...[undefined, 'evidence_gap', undefined],
    ]);
    expect(faultsOf(['b', place(2, 'a')])).toEqual(['evidence_gap']);
  });

  it('fork where a place is taken twice, the past is said otherwise, or a source stops giving places', () => {
    const [a, b] = [['a', place(1, null)] as const, ['b', place(2, 'a')] as const];
    expect(faultsOf(a, b, ['x', place(2, 'a')], ['y', place(3, 'x')])).toEqual([
      undefined,
      undefined,
      'evidence_fork',
      undefined,
    ]);
    expect(faultsOf(a, ['x', place(2, 'z')])).toEqual([undefined, 'evidence_fork']);
    expect(faultsOf(a, b, ['x', place(1, null)])).toEqual([undefined, undefined, 'evidence_fork']);
    expect(faultsOf(a, ['x', place(1, null)])).toEqual([undefined, 'evidence_fork']);
    expect(faultsOf(a, b, ['x', place(2, 'b')])).toEqual([undefined, undefined, 'evidence_fork']);
    expect(faultsOf(['x', place(1, 'z')])).toEqual(['evidence_fork']);
    expect(faultsOf(a, ['x', undefined])).toEqual([undefined, 'evidence_fork']);
  });

  it('of before there were places have none, and no fault', () => {
    let head: ChainHead | undefined;
    expect(chainFault(head, undefined)).toBeUndefined();
    head = { sequence: 1, digest: digest('a') };
    expect(chainFault(head, undefined)).toBe('evidence_fork');
  });
});
