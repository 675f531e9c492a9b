import type { ClockSkewTerm, ReLoginTerm, SessionsTerm } from '../documents/agreement.js';
import type { TermDeclaration } from './declare-term.js';
import { listed, span } from './plain.js';

export const sessions: TermDeclaration<SessionsTerm> = {
  meaning:
    'so many sessions of one grant, with all that was handed on from it, are open at one gateway at the same time',
  evaluator: 'session/limits',
  points: ['gateway'],
  order: { kind: 'identity', most: 'less' },
  added: 'narrower',
  removed: 'wider',
  words: ({ kind, most }) => `at most ${most} ${kind} sessions of one grant at a time, at each gateway`,
};

export const reLogin: TermDeclaration<ReLoginTerm> = {
  meaning:
    'a person has logged in not longer ago than this, in one of these ways where it names some; a session ends when its login is that old',
  evaluator: 'session/limits',
  points: ['gateway', 'broker'],
  order: {
    seconds: 'less',
    acr: {
      words: 'no further way to log in',
      holds: (before, after) => before === undefined || after?.every((one) => before.includes(one)) === true,
    },
  },
  added: 'narrower',
  removed: 'wider',
  words: ({ seconds, acr }) =>
    [
      `a login counts for ${span(seconds)}; then the sessions of that login end`,
      ...(acr ? [`people log in by ${listed(acr, 'no way at all')}`] : []),
    ].join('; '),
};

export const clockSkew: TermDeclaration<ClockSkewTerm> = {
  meaning:
    'logins, beats, verdicts and papers of the other side whose clock runs ahead by more than this are not believed',
  evaluator: 'session/limits',
  points: ['gateway', 'broker'],
  order: { seconds: 'less' },
  added: 'narrower',
  removed: 'wider',
  words: ({ seconds }) => `the clock of the other side may run ahead by ${span(seconds)}`,
};
