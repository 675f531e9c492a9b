import { offlineTerms } from '../agreement/find-terms.js';
import type { ResourceClassTerm } from '../documents/agreement.js';
import type { TermDeclaration } from './declare-term.js';

export const resourceClass: TermDeclaration<ResourceClassTerm> = {
  meaning:
    'nothing of this class is used unless so many persons of its owner approved, whatever a clause lets pass, and it has this offline mode',
  evaluator: 'agreement/resource-class',
  points: ['gateway', 'broker', 'agent'],
  order: {
    class: 'identity',
    approvals: { words: 'more', holds: (before, after) => after > before },
    mode: 'both',
  },
  // It says the offline mode of kinds that have no clause of their own.
  added: 'both',
  removed: 'both',
  incoherent: (term, agreement) =>
    offlineTerms(agreement).some((other) => other.class === term.class && other.mode !== term.mode),
  words: (term) =>
    `${term.class} resources: at least ${term.approvals} of the owner approve every use; when the broker is lost, ${term.class === 'safety' ? 'remote service of them' : 'it'} ${term.mode === 'closed' ? 'ends' : 'goes on'}`,
};
