import type { TermOf } from '@interlock/domain';
import { NOW } from '@interlock/testkit/builders';
import { sessionOpens, type TermCase } from '../at-the-gateway.js';

const limits: TermOf<'time-limits'> = {
  type: 'time-limits',
  kind: 'remote-service',
  bookingSeconds: 3_600,
  approvalSeconds: 3_600,
  workingSeconds: 1_800,
};

export const timeLimits: TermCase = {
  permits: 'a session in a window in which work began less than the agreed time ago',
  permitted: () => sessionOpens({ terms: [limits], begunAt: NOW - 1_799_999 }),
  refuses: 'a session in a window in which work began the agreed time ago, though the window is still open',
  refused: () => sessionOpens({ terms: [limits], begunAt: NOW - 1_800_000 }),
  code: 'working_time_over',
};
