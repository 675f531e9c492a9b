import type { SafetyNoticeTerm } from '../documents/agreement.js';
import type { TermDeclaration } from './declare-term.js';
import { span } from './plain.js';

export const safetyNotice: TermDeclaration<SafetyNoticeTerm> = {
  meaning:
    "how long before the other side's cut takes effect on flows and machine-to-machine sessions of the class safety, which no loss of the broker ends",
  evaluator: 'session/safety',
  points: ['gateway'],
  // A duty of whoever could cut, and a right of whoever relies on it: no change of it is for one side.
  order: { seconds: 'both' },
  added: 'both',
  removed: 'both',
  words: ({ seconds }) =>
    `flows and machine-to-machine sessions of safety resources: only the owner cuts at once, the other side after ${span(seconds)}; neither the loss of the broker nor a lease ends them`,
};
