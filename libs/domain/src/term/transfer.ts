import { dataTerm } from '../agreement/find-terms.js';
import type { TransferTerm } from '../documents/agreement.js';
import type { TermDeclaration } from './declare-term.js';
import { listed } from './plain.js';

export const transfer: TermDeclaration<TransferTerm> = {
  meaning:
    'data of this product lies in these countries, passes through these, and is opened from these alone; the owner opens its own data anywhere',
  evaluator: 'flow/transfer',
  points: ['gateway', 'broker'],
  order: {
    product: 'identity',
    resource: 'identity',
    storage: 'fewer',
    transit: 'fewer',
    access: 'fewer',
    mechanisms: 'both',
  },
  added: 'narrower',
  removed: 'wider',
  incoherent: (term, agreement) =>
    !dataTerm(agreement, term.product, term.resource) ||
    term.access.some(
      (country) => !term.storage.includes(country) && !term.mechanisms.some((one) => one.country === country),
    ),
  words: (term) =>
    `data ${term.product} of ${term.resource.owner}/${term.resource.id} lies in ${listed(term.storage, 'no country')}, passes through ${listed(term.transit, 'no country')} and is opened from ${listed(term.access, 'no country')}${term.mechanisms.map((one) => `; for ${one.country} by ${one.mechanism}`).join('')}`,
};
