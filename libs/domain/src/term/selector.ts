import type { SelectorTerm } from '../documents/agreement.js';
import type { TermDeclaration } from './declare-term.js';
import { ofStranger } from './places.js';
import { listed } from './plain.js';

export const selector: TermDeclaration<SelectorTerm> = {
  meaning:
    'every machine that its owner records in this zone of this site is covered, with this class and these services, for as long as it is recorded there',
  evaluator: 'agreement/agreed-as',
  points: ['gateway', 'broker', 'agent'],
  order: { owner: 'identity', site: 'identity', zone: 'identity', class: 'both', services: 'fewer' },
  added: 'wider',
  // Until a machine is recorded, what the most demanding class asks counts; without this one that may be less.
  removed: 'both',
  incoherent: ({ owner }, agreement) => ofStranger({ party: owner }, agreement),
  words: (term) =>
    `every machine that ${term.owner} records at ${term.site} in zone ${term.zone} is covered as ${term.class}, ${listed(term.services, 'no services')}`,
};
