import type { NoticeTerm } from '../documents/agreement.js';
import type { TermDeclaration } from './declare-term.js';
import { span } from './plain.js';

export const notice: TermDeclaration<NoticeTerm> = {
  meaning: 'how long after one side terminated the agreement goes on',
  evaluator: 'act/standing',
  points: ['gateway', 'broker'],
  order: { terminateSeconds: 'both' },
  added: 'both',
  removed: 'both',
  words: (term) => `a termination takes effect after ${span(term.terminateSeconds)}`,
};
