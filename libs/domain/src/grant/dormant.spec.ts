import { describe, expect, it } from '@jest/globals';
import { agreementOf, BUYER, DAY, grantOf, id, key, NOW, VENDOR } from '../../test/a-right.js';
import type { Agreement } from '../documents/agreement.js';
import type { Grant } from '../documents/right.js';
import { endOf } from '../session/ends.js';
import { activatedUntil, awake, dormantFault } from './dormant.js';

const local = { type: 'offline', kind: 'remote-service', class: 'standard', mode: 'local', leaseSeconds: 600 } as const;
const dormant = { subjectKeys: [key('laptop')], approverKeys: [key('shift-lead')], seconds: 600, uses: 1 };
const window = { from: NOW, to: NOW + 90 * DAY };
const fault = (grant: Partial<Grant> = {}, agreement: Partial<Agreement> = {}) =>
  dormantFault(grantOf({ dormant, windows: [window], ...grant }), agreementOf({ terms: [local], ...agreement }), 600);

describe('a dormant grant', () => {
  it('is one where the agreement lets an approver activate it at the gateway', () => {
    expect(fault()).toBeUndefined();
    expect(fault({ dormant: undefined }, { terms: [] })).toBeUndefined();
    for (const mode of ['closed', 'static'] as const)
      expect(fault({}, { terms: [{ ...local, mode }] })).toBe('dormant_not_agreed');
    expect(fault({}, { terms: [] })).toBe('dormant_not_agreed');
    expect(fault({}, { terms: [{ ...local, class: 'critical' }] })).toBe('dormant_not_agreed');
    expect(fault({ resources: [{ owner: BUYER, id: id('press-8') }] })).toBe('dormant_not_agreed');
    const data = { ...local, kind: 'data-collection' } as const;
    expect(fault({ kind: 'data-collection' }, { terms: [local, data] })).toBe('dormant_not_agreed');
  });

  it('names one subject, whose keys are not those of an approver', () => {
    const two = ['technician', 'fitter'].map((one) => ({ organisation: VENDOR, kind: 'person' as const, id: id(one) }));
    expect(fault({ subjects: two })).toBe('dormant_not_agreed');
    expect(fault({ dormant: { ...dormant, approverKeys: dormant.subjectKeys } })).toBe('dormant_not_agreed');
  });

  it('waits at most 90 days, and runs no longer than any other', () => {
    expect(fault({ windows: [{ ...window, to: window.to + 1 }] })).toBe('window_too_long');
    expect(fault({ dormant: { ...dormant, seconds: 601 } })).toBe('window_too_long');
  });

  it('is awake when it was activated, and no other grant is', () => {
    expect([awake({ dormant }, true), awake({ dormant }, false)]).toEqual([true, false]);
    expect([awake({}, false), awake({}, true)]).toEqual([true, false]);
  });

  it('runs from its activation, inside the window in which it may be activated', () => {
    const grant = grantOf({ dormant });
    expect(activatedUntil(grant, NOW + DAY, NOW)).toBe(NOW + 600_000);
    expect(activatedUntil(grant, NOW + 1_000, NOW)).toBe(NOW + 1_000);
  });
});

describe('an activated use', () => {
  const use = { agreement: agreementOf(), grant: grantOf(), resource: { owner: BUYER, id: id('press-7') } };
  const ends = { windowEnd: 500, agreementEnd: 900 };

  it('is ended by no lease, and by everything else', () => {
    expect(endOf({ ...use, ...ends, activated: true }, [])).toEqual({ at: 500, code: 'window_over' });
    expect(endOf({ ...use, ...ends }, []).code).toBe('lease_over');
    expect(endOf({ ...use, ...ends, agreementEnd: 400, activated: true }, []).code).toBe('agreement_over');
    expect(endOf({ ...use, ...ends, workingEnd: 300, activated: true }, []).code).toBe('working_time_over');
  });
});
