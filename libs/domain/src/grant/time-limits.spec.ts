import { describe, expect, it } from '@jest/globals';
import {
  agreementOf,
  approver,
  grantOf,
  HOUR,
  NOW,
  remoteService,
  technician,
  twoApprovers,
} from '../../test/a-right.js';
import type { TimeLimitsTerm } from '../documents/agreement.js';
import { endOf, type LiveUse } from '../session/ends.js';
import type { Approver } from './approver.js';
import { covered } from './covered.js';
import { workingEnd } from './time-limits.js';

const limits: TimeLimitsTerm = {
  type: 'time-limits',
  kind: 'remote-service',
  bookingSeconds: 7_200,
  approvalSeconds: 3_600,
  workingSeconds: 1_800,
};
const agreement = agreementOf({ terms: [remoteService, limits] });
const press7 = grantOf().resources[0];
const judge = (over: Parameters<typeof grantOf>[0], approvers: readonly Approver[] = freshly(NOW), now = NOW) =>
  covered(grantOf(over), agreement, technician, approvers, now);
const freshly = (signedAt: number) => twoApprovers.map((one) => ({ ...one, signedAt }));
const refused = (code: string) => ({ allowed: false, refusal: { code, clause: 'time-limits remote-service' } });
const from = (at: number) => ({ windows: [{ from: at, to: at + HOUR }], issuedAt: NOW });

describe('a window', () => {
  it('booked_too_early: begins at most so long after it was asked for', () => {
    expect(judge(from(NOW + 2 * HOUR))).toMatchObject({ allowed: true });
    expect(judge(from(NOW + 2 * HOUR + 1))).toMatchObject(refused('booked_too_early'));
    const two = { ...from(NOW), windows: [...from(NOW).windows, ...from(NOW + 3 * HOUR).windows] };
    expect(judge(two)).toMatchObject(refused('booked_too_early'));
  });

  it('booked_too_early: a document from the future books from now, not from its own date', () => {
    const ahead = { ...from(NOW + 4 * HOUR), issuedAt: NOW + 3 * HOUR };
    expect(judge(ahead)).toMatchObject(refused('booked_too_early'));
    expect(judge(ahead, freshly(NOW + 3 * HOUR), NOW + 3 * HOUR)).toMatchObject({ allowed: true });
  });

  it('is judged the same the longer it was asked for ago', () => {
    expect(judge(from(NOW + 2 * HOUR + 1), freshly(NOW + 2 * HOUR), NOW + 2 * HOUR + 1)).toMatchObject(
      refused('booked_too_early'),
    );
  });
});

describe('an approval', () => {
  const at = (signedAt: number, now = NOW) => judge({}, freshly(signedAt), now);
  it('approval_lapsed: opens something for so long after it was given', () => {
    expect(at(NOW - HOUR + 1)).toMatchObject({ allowed: true });
    expect(at(NOW - HOUR)).toMatchObject(refused('approval_lapsed'));
    const third = approver('third', { signedAt: NOW });
    expect(judge({}, [...freshly(NOW - HOUR), third])).toMatchObject(refused('approval_lapsed'));
    expect(judge({}, [...freshly(NOW - HOUR), third, approver('fourth', { signedAt: NOW })])).toMatchObject({
      allowed: true,
    });
  });

  it('is missing, not lapsed, where it never was', () => {
    expect(judge({}, [approver('first-approver', { signedAt: NOW - HOUR })])).toMatchObject({
      refusal: { code: 'approvals_missing', clause: 'remote-service' },
    });
  });

  it('counts for ever where the agreement bounds another kind, or none', () => {
    const other = agreementOf({ terms: [remoteService, { ...limits, kind: 'machine-to-machine' }] });
    for (const under of [other, agreementOf({ terms: [remoteService] })])
      expect(covered(grantOf(), under, technician, freshly(0), NOW)).toMatchObject({ allowed: true });
  });
});

describe('the time to work', () => {
  if (!press7) throw new Error('a grant has a resource');
  const use: LiveUse = {
    agreement,
    grant: grantOf(),
    resource: press7,
    windowEnd: 10_000_000,
    agreementEnd: 20_000_000,
  };
  const leases = [{ anchor: 9_000_000, newest: NOW }];
  it('working_time_over: ends a session that its window and its lease would let go on, and stretches neither', () => {
    expect(endOf({ ...use, workingEnd: 5_000_000 }, leases)).toEqual({ at: 5_000_000, code: 'working_time_over' });
    expect(endOf({ ...use, workingEnd: 10_000_001 }, leases)).toEqual({ at: 10_000_000, code: 'window_over' });
  });

  it('is counted from the first opening, where the agreement counts it', () => {
    expect(workingEnd(agreement, 'remote-service', NOW)).toBe(NOW + HOUR / 2);
    expect(workingEnd(agreement, 'machine-to-machine', NOW)).toBeUndefined();
  });
});
