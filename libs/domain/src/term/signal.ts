import type { SignalTerm } from '../documents/agreement.js';
import { PROGRAM_SAID_EVERY, PROGRAM_SIGNAL } from '../documents/signal.js';
import type { TermDeclaration } from './declare-term.js';
import { allAgreed, ofStranger } from './places.js';
import { listed, resourceWords, span } from './plain.js';

export const signal: TermDeclaration<SignalTerm> = {
  meaning:
    'nothing is used unless this party says so of the resource, the subject or the gateway in front of it, and said it not longer ago than this',
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
    // Where none are named any may serve.
    releases: {
      words: 'programs are named where any might serve, or some of them',
      holds: (before, after) => after !== undefined && (!before || after.every((one) => before.includes(one))),
    },
    live: { words: 'looked at without the broker too', holds: (before) => !before },
  },
  added: 'narrower',
  removed: 'wider',
  incoherent: (term, agreement) =>
    ofStranger(term, agreement) ||
    !allAgreed(term.resources, agreement) ||
    // A company speaks of its own resources alone: what others own would wait for a word that cannot come.
    (term.about !== 'subject' && term.resources.some((one) => one.owner !== term.party)) ||
    !speaksOfPrograms(term),
  words: (term) =>
    `${listed(term.kinds, 'nothing')} of ${resourceWords(term.resources)} only while ${term.party} says "${term.signal}" of the ${term.about}, at most ${span(term.maxAgeSeconds)} ago${term.live ? '; without the broker too' : ''}${term.releases ? `; the program is one of ${term.releases.join(', ')}` : ''}`,
};

/** A gateway says one thing of itself, and says it often enough to be heard twice in that time; of nothing else is it known what program it runs. */
const speaksOfPrograms = ({ about, signal: name, maxAgeSeconds, releases }: SignalTerm): boolean =>
  about === 'gateway' ? name === PROGRAM_SIGNAL && maxAgeSeconds >= 2 * PROGRAM_SAID_EVERY : releases === undefined;
