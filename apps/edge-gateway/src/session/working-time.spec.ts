import { appendFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GrantId } from '@interlock/domain';
import { aGrant, anAgreement, aPartnership, NOW } from '@interlock/testkit/builders';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { sessionGoesOn, sessionOpens } from '../../test/at-the-gateway.js';
import { keepWorkingTime } from './working-time.js';

const HOUR = 3_600_000;
const limits = {
  type: 'time-limits',
  kind: 'remote-service',
  bookingSeconds: 3_600,
  approvalSeconds: 3_600,
  workingSeconds: 1_200,
} as const;
const refused = (code: string) => ({ allowed: false, refusal: { code } });

describe('four numbers of time, at the gateway', () => {
  it('end a session when the work is over, before its window is', async () => {
    expect(await sessionGoesOn({ terms: [limits], after: 1_199_999 })).toMatchObject({ allowed: true });
    expect(await sessionGoesOn({ terms: [limits], after: 1_200_000 })).toMatchObject(refused('working_time_over'));
  });

  it('let an approval open until it lapses, and what is open go on after that', async () => {
    const short = { ...limits, approvalSeconds: 600, workingSeconds: 86_400 };
    expect(await sessionOpens({ terms: [short], after: 599_000 })).toMatchObject({ allowed: true });
    expect(await sessionOpens({ terms: [short], after: 600_000 })).toMatchObject(refused('approval_lapsed'));
    expect(await sessionGoesOn({ terms: [short], after: 600_000 })).toMatchObject({ allowed: true });
  });

  it('refuse a window that was booked too far ahead', async () => {
    const windows = [{ from: NOW - 60_000, to: NOW + HOUR }];
    const near = { ...limits, bookingSeconds: 60 };
    expect(await sessionOpens({ terms: [near], grant: { windows, issuedAt: NOW - 120_000 } })).toMatchObject({
      allowed: true,
    });
    expect(await sessionOpens({ terms: [near], grant: { windows, issuedAt: NOW - 120_001 } })).toMatchObject(
      refused('booked_too_early'),
    );
  });
});

describe('when work began', () => {
  let grant: ReturnType<typeof aGrant>;
  beforeAll(async () => {
    const [from, later] = [NOW - HOUR, NOW + HOUR];
    const windows = [
      { from, to: NOW },
      { from: later, to: later + HOUR },
    ];
    grant = aGrant(anAgreement(await aPartnership(NOW)), { windows });
  });
  const folder = () => mkdtempSync(join(tmpdir(), 'working-'));

  it('is the first opening in each window, also after a restart, whatever line a crash tore', () => {
    const dir = folder();
    const kept = keepWorkingTime(dir);
    expect(kept.begunAt(grant, NOW - 1)).toBeUndefined();
    expect(kept.begin(grant, NOW - 10)).toBe(NOW - 10);
    expect(kept.begin(grant, NOW - 5)).toBe(NOW - 10);
    appendFileSync(join(dir, 'working-time'), `\n${grant.id} ${NOW + HOUR} 12`);
    const again = keepWorkingTime(dir);
    expect(again.begunAt(grant, NOW - 1)).toBe(NOW - 10);
    expect(again.begunAt(grant, NOW + HOUR)).toBeUndefined();
    expect(again.begin(grant, NOW + HOUR + 7)).toBe(NOW + HOUR + 7);
    expect(keepWorkingTime(dir).begunAt(grant, NOW + HOUR)).toBe(NOW + HOUR + 7);
    expect(again.begunAt({ ...grant, id: `grt_${'9'.repeat(26)}` as GrantId }, NOW - 1)).toBeUndefined();
  });

  it('is nothing outside every window, and opens nothing where it cannot be written', () => {
    expect(keepWorkingTime(folder()).begin(grant, NOW)).toBeUndefined();
    expect(keepWorkingTime(join(folder(), 'no', 'such', 'folder')).begin(grant, NOW - 1)).toBeUndefined();
  });
});
