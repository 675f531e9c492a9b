import type { TermOf } from '@interlock/domain';
import { BUYER, NOW } from '@interlock/testkit/builders';
import { id, sessionOpens, type TermCase } from '../at-the-gateway.js';

export const presence: TermOf<'signal'> = {
  type: 'signal',
  signal: id('presence'),
  party: BUYER,
  about: 'resource',
  kinds: ['remote-service'],
  resources: [],
  maxAgeSeconds: 60,
  live: true,
};

export const signal: TermCase = {
  permits: 'a session while somebody says that he is present at the machine',
  permitted: () => sessionOpens({ terms: [presence], signals: [{ at: NOW - 59_000 }] }),
  refuses: 'a session where that was said longer ago than was agreed',
  refused: () => sessionOpens({ terms: [presence], signals: [{ at: NOW - 60_000 }] }),
  code: 'signal_unknown',
};
