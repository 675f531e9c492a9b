import { controlTitle, isControl } from '../annex/controls.js';
import type { EquivalenceTerm } from '../documents/agreement.js';
import type { TermDeclaration } from './declare-term.js';
import { allAgreed, ofStranger } from './places.js';
import { listed, resourceWords, span } from './plain.js';

export const equivalence: TermDeclaration<EquivalenceTerm> = {
  meaning:
    'a party meets a control of a public profile in a way that the other side accepted; what depends on it stands still when nothing assures it',
  evaluator: 'annex/equivalence',
  points: ['gateway', 'broker'],
  order: {
    party: 'identity',
    control: 'identity',
    // More may depend on it, but an empty list of resources means every one: each change is both sides' to agree.
    kinds: 'more',
    resources: 'both',
    warnSeconds: 'both',
  },
  // To ask for a control takes away from the party that must meet it, and from whoever is served under it.
  added: 'both',
  removed: 'wider',
  incoherent: (term, agreement) =>
    // Alone in a house, nobody could accept it; a control that nobody here knows would wait for papers that cannot come.
    agreement.house || ofStranger(term, agreement) || !isControl(term.control) || !allAgreed(term.resources, agreement),
  words: (term) =>
    `${term.party} meets ${term.control} (${controlTitle(term.control)}) in a way the other side accepted; else ${listed(term.kinds, 'nothing')} of ${resourceWords(term.resources)} stands still; both are warned ${span(term.warnSeconds)} before`,
};
