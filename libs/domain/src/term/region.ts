import type { RegionTerm } from '../documents/agreement.js';
import type { TermDeclaration } from './declare-term.js';

export const region: TermDeclaration<RegionTerm> = {
  meaning:
    'a region is run by this operator in this jurisdiction; a gateway sends only to endpoints that prove one of these keys',
  evaluator: 'flow/route',
  points: ['gateway', 'broker'],
  order: { region: 'identity', operator: 'both', jurisdiction: 'both', endpointKeys: 'fewer' },
  added: 'wider',
  // Evidence and batches that lie there keep what was said of the place.
  removed: 'both',
  words: (term) =>
    `region ${term.region} is run by ${term.operator} in ${term.jurisdiction}; data is sent only to endpoints with key ${term.endpointKeys.join(' or ')}`,
};
