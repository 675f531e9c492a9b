import { describe, expect, it } from '@jest/globals';
import { agreementOf, BUYER, grantOf, id, offline, press7 } from '../../test/a-right.js';
import type { Agreement } from '../documents/agreement.js';
import { NO_LEASE } from '../lease/lease.js';
import { deadline, endOf, type LiveUse, leaseMilliseconds, offlineMode } from './ends.js';

const use = (over: Partial<LiveUse> = {}): LiveUse => ({
  agreement: agreementOf(),
  grant: grantOf(),
  resource: press7,
  windowEnd: 10_000_000,
  agreementEnd: 20_000_000,
  ...over,
});
const lease = (anchor: number) => ({ anchor, newest: 0 });
const MINUTES_10 = 600_000;

describe('the end of a live use', () => {
  it('is the earliest of window, agreement and the lease of either side', () => {
    const far = [lease(1e9), lease(1e9)];
    expect(endOf(use(), far)).toEqual({ at: 10_000_000, code: 'window_over' });
    expect(endOf(use({ windowEnd: 3e7 }), far)).toEqual({ at: 20_000_000, code: 'agreement_over' });
    expect(endOf(use(), [lease(1e9), lease(0)])).toEqual({ at: MINUTES_10, code: 'lease_over' });
    expect(endOf(use(), [lease(0), lease(1e9)])).toEqual({ at: MINUTES_10, code: 'lease_over' });
    expect(endOf(use(), [lease(5), lease(7)])).toEqual({ at: MINUTES_10 + 5, code: 'lease_over' });
  });

  it('is now where a side has never beaten, or nobody is known to', () => {
    expect(endOf(use(), [lease(1e9), NO_LEASE])).toEqual({ at: Number.NEGATIVE_INFINITY, code: 'lease_over' });
    expect(endOf(use(), [])).toEqual({ at: Number.NEGATIVE_INFINITY, code: 'lease_over' });
  });
});

describe('how long a use goes on after a beat', () => {
  it('is agreed per kind and class', () => {
    expect(leaseMilliseconds(agreementOf(), grantOf(), press7)).toBe(MINUTES_10);
    const critical = { resources: [{ ...press7, class: 'critical', services: [] }] } as Partial<Agreement>;
    expect(leaseMilliseconds(agreementOf(critical), grantOf(), press7)).toBe(1_800_000);
    expect(offlineMode(agreementOf(critical), grantOf(), press7)).toBe('closed');
  });

  it.each([
    ['remote-service', 1_800_000],
    ['data-collection', 259_200_000],
    ['machine-to-machine', 259_200_000],
  ] as const)('is 30 minutes for people and 72 hours for flows where nothing is agreed (%s)', (kind, milliseconds) =>
    expect(leaseMilliseconds(agreementOf({ terms: [] }), grantOf({ kind }), press7)).toBe(milliseconds),
  );

  it('is not taken from another kind, or for a resource that is not agreed', () => {
    const grant = grantOf({ kind: 'machine-to-machine' });
    expect(leaseMilliseconds(agreementOf(), grant, press7)).toBe(259_200_000);
    expect(offlineMode(agreementOf(), grant, press7)).toBe('closed');
    expect(offlineMode(agreementOf(), grantOf(), { owner: BUYER, id: id('press-8') })).toBe('closed');
  });

  it('goes on without the broker only where the agreement says so', () => {
    expect(offlineMode(agreementOf(), grantOf(), press7)).toBe('static');
    expect(offlineMode(agreementOf({ terms: [{ ...offline, mode: 'closed' } as never] }), grantOf(), press7)).toBe(
      'closed',
    );
    expect(offlineMode(agreementOf({ terms: [] }), grantOf(), press7)).toBe('closed');
  });
});

describe('a deadline', () => {
  it('is a calendar end on the monotonic clock', () => {
    expect(deadline(1_500, 1_000, 70)).toBe(570);
    expect(deadline(900, 1_000, 70)).toBe(-30);
  });
});
