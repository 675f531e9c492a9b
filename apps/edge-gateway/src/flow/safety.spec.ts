import { BUYER, NOW, VENDOR } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { id } from '../../test/at-the-gateway.js';
import { revokedFlowIsTakenUp, safetyFlowGoesOn, safetyFlowIsTakenUp } from '../../test/safety-flow.js';

const terms = [{ type: 'safety-notice', seconds: 300 }] as const;
const HOURS_72 = 259_200_000;
const goesOn = { allowed: true };
const ends = (code: string) => ({ allowed: false, refusal: { code } });

describe('a flow on which safety rests', () => {
  it('goes on without the broker past every lease, to the end of its window', async () => {
    expect(await safetyFlowGoesOn({ terms, after: 600_000 })).toMatchObject(goesOn);
    expect(await safetyFlowGoesOn({ terms, after: HOURS_72 })).toMatchObject(ends('window_over'));
  });

  it('ends at once by the hand of its owner', async () =>
    expect(await safetyFlowGoesOn({ terms, acts: [{ organisation: BUYER }] })).toMatchObject(ends('taken_away')));

  it('goes on with a recipient key that the other side took out of use, until the notice is over', async () => {
    const revoke = { organisation: VENDOR, verb: 'revoke', target: { kind: 'workload', id: id('telemetry-pipeline') } };
    const cut = (after: number) => safetyFlowGoesOn({ terms, acts: [revoke as never], after });
    expect(await cut(299_000)).toMatchObject(goesOn);
    expect(await cut(300_000)).toMatchObject(ends('taken_away'));
  });

  it('is taken up again from the disk where it was opened before, with nobody to say "still agreed"', async () => {
    expect(await safetyFlowIsTakenUp({ terms, begunAt: 1 })).toMatchObject(goesOn);
    expect(await safetyFlowIsTakenUp({ terms })).toMatchObject(ends('lease_over'));
    expect(await safetyFlowIsTakenUp({ begunAt: 1, agreement: {} })).toMatchObject(ends('lease_over'));
    expect(await safetyFlowIsTakenUp({ terms, begunAt: 1, acts: [{}] })).toMatchObject(ends('taken_away'));
  });

  it('is taken up again under a root of the other side that revoked everything, until the notice is over; never under that of its owner', async () => {
    const { notice, begunAt } = { notice: 300_000, begunAt: 1 };
    const takenUp = (side: 'vendor' | 'buyer', since: number | undefined, more: object = { begunAt }) =>
      revokedFlowIsTakenUp(side, since, { terms, ...more });
    expect(await takenUp('vendor', NOW - notice + 1)).toMatchObject(goesOn);
    expect(await takenUp('vendor', NOW - notice)).toMatchObject(ends('organisation_revoked'));
    expect(await takenUp('vendor', undefined)).toMatchObject(ends('organisation_revoked'));
    expect(await takenUp('vendor', NOW, {})).toMatchObject(ends('organisation_revoked'));
    expect(await takenUp('buyer', NOW)).toMatchObject(ends('organisation_revoked'));
  });
});
