import type { MachinesTerm } from '../documents/agreement.js';
import type { TermDeclaration } from './declare-term.js';
import { allAgreed } from './places.js';
import { listed, resourceWords } from './plain.js';

export const machines: TermDeclaration<MachinesTerm> = {
  meaning:
    'these machines are recorded by their owner and used only where they were agreed to stand, and while supported',
  evaluator: 'annex/machine',
  points: ['gateway', 'broker'],
  order: {
    resources: 'both',
    sites: 'fewer',
    zones: 'fewer',
    afterSupport: { words: 'refused where it was allowed', holds: (before) => before === 'allow' },
  },
  // A record is a duty of the owner, owed to the other.
  added: 'both',
  removed: 'wider',
  incoherent: (term, agreement) => term.resources.length === 0 || !allAgreed(term.resources, agreement),
  words: (term) =>
    `${resourceWords(term.resources)} must be recorded by the owner and stand at ${listed(term.sites, 'no site')}, in ${listed(term.zones, 'no zone')}; after the end of support use is ${term.afterSupport === 'allow' ? 'still allowed' : 'refused'}`,
};
