import type { TermOf } from '@interlock/domain';
import { sessionOpens, type TermCase } from '../at-the-gateway.js';

const two: TermOf<'sessions'> = { type: 'sessions', kind: 'remote-service', most: 2 };

export const sessions: TermCase = {
  permits: 'the second of two sessions of one grant',
  permitted: () => sessionOpens({ terms: [two], open: 1 }),
  refuses: 'the third of two sessions of one grant',
  refused: () => sessionOpens({ terms: [two], open: 2 }),
  code: 'too_many_sessions',
};
