import type { DelegationTerm } from '../documents/agreement.js';
import type { TermDeclaration } from './declare-term.js';
import { listed } from './plain.js';

export const delegation: TermDeclaration<DelegationTerm> = {
  meaning:
    'people may hand on the remote service they were granted, or less of it, to people of these parties, so many times over, and the owner approves but for these classes',
  evaluator: 'grant/delegated',
  points: ['gateway', 'broker', 'agent'],
  order: { depth: 'less', delegates: 'fewer', unapproved: 'fewer' },
  added: 'wider',
  removed: 'narrower',
  incoherent: (term, agreement) =>
    term.delegates.some((one) => !agreement.parties.some((party) => party.organisation === one)),
  words: (term) =>
    `who was granted remote service may hand it on to people of ${listed(term.delegates, 'nobody')}, at most ${term.depth} times over; the owner approves${term.unapproved.length > 0 ? `, except for ${term.unapproved.join(', ')} resources` : ''}`,
};
