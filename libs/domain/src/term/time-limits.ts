import type { TimeLimitsTerm } from '../documents/agreement.js';
import type { TermDeclaration } from './declare-term.js';
import { span } from './plain.js';

export const timeLimits: TermDeclaration<TimeLimitsTerm> = {
  meaning:
    'how far ahead a window may be booked, how long after an approval it may be opened, and how long work may go on after the first opening in a window',
  evaluator: 'grant/time-limits',
  points: ['gateway', 'broker', 'agent'],
  order: { kind: 'identity', bookingSeconds: 'less', approvalSeconds: 'less', workingSeconds: 'less' },
  added: 'narrower',
  removed: 'wider',
  words: (term) =>
    `${term.kind}: booked at most ${span(term.bookingSeconds)} ahead; opened at most ${span(term.approvalSeconds)} after it was approved; worked on for at most ${span(term.workingSeconds)} after the first opening in a window`,
};
