import type { NoticeTerm } from '../documents/agreement.js';
import type { TermDeclaration } from './declare-term.js';
import { span } from './plain.js';

export const notice: TermDeclaration<NoticeTerm> = {
  meaning:
    'how long after one side terminated the agreement goes on, and how long after its end what was delivered is still fetched',
  evaluator: 'agreement/ending',
  points: ['gateway', 'broker'],
  order: { terminateSeconds: 'both', retrievalSeconds: 'both' },
  added: 'both',
  removed: 'both',
  words: (term) =>
    `a termination takes effect after ${span(term.terminateSeconds)}; what was delivered may be fetched for ${span(term.retrievalSeconds ?? 0)} after the end, and nothing else is done then`,
};
