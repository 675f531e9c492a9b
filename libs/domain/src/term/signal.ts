import type { SignalTerm } from '../documents/agreement.js';
import type { TermDeclaration } from './declare-term.js';
import { allAgreed, ofStranger } from './places.js';
import { listed, resourceWords, span } from './plain.js';

export const signal: TermDeclaration<SignalTerm> = {
  meaning:
    'nothing is used unless this party says so of the resource or the subject, and said it not longer ago than this',
  evaluator: 'signal/signals',
  points: ['gateway'],
  order: {
    signal: 'identity',
    party: 'identity',
    about: 'identity',
    kinds: 'more',
    // An empty list means every resource, so more of a list may be less.
    resources: 'both',
    maxAgeSeconds: 'less',
    live: { words: 'looked at without the broker too', holds: (before) => !before },
  },
  added: 'narrower',
  removed: 'wider',
  incoherent: (term, agreement) =>
    ofStranger(term, agreement) ||
    !allAgreed(term.resources, agreement) ||
    // A company speaks of its own resources alone: what others own would wait for a word that cannot come.
    (term.about === 'resource' && term.resources.some((one) => one.owner !== term.party)),
  words: (term) =>
    `${listed(term.kinds, 'nothing')} of ${resourceWords(term.resources)} only while ${term.party} says "${term.signal}" of the ${term.about}, at most ${span(term.maxAgeSeconds)} ago${term.live ? '; without the broker too' : ''}`,
};
