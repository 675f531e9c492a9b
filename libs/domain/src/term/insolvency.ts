import type { Agreement, InsolvencyTerm } from '../documents/agreement.js';
import type { TermDeclaration } from './declare-term.js';
import { allAgreed, ofStranger } from './places.js';
import { listed, resourceWords, span } from './plain.js';

const noSuccessor = (term: InsolvencyTerm, agreement: Agreement): boolean => {
  const { successor } = term;
  return successor !== null && (successor === term.party || ofStranger({ party: successor }, agreement));
};

export const insolvency: TermDeclaration<InsolvencyTerm> = {
  meaning:
    'when this party is insolvent, these kinds of use go on without its leases and verdicts, for a named successor or for those who are left',
  evaluator: 'annex/insolvency',
  points: ['gateway', 'broker'],
  // It takes a party out of the leases: whatever it says needs every party.
  order: { party: 'identity', successor: 'both', kinds: 'both', resources: 'both', waitSeconds: 'both' },
  added: 'both',
  removed: 'both',
  incoherent: (term, agreement) =>
    agreement.house ||
    ofStranger(term, agreement) ||
    noSuccessor(term, agreement) ||
    !allAgreed(term.resources, agreement),
  words: (term) =>
    `when ${term.party} is insolvent, ${span(term.waitSeconds)} after that was said, ${listed(term.kinds, 'nothing')} of ${resourceWords(term.resources)} goes on for ${term.successor ?? 'those who are left'} alone`,
};
