import type { DecisionPointTerm, EmbargoTerm } from '../documents/agreement.js';
import type { TermDeclaration } from './declare-term.js';
import { ofStranger } from './places.js';
import { listed, span } from './plain.js';

export const embargo: TermDeclaration<EmbargoTerm> = {
  meaning: 'nothing is used unless this party cleared it against the lists of these issuers, not longer ago than this',
  evaluator: 'decide',
  points: ['gateway', 'agent', 'broker'],
  order: { party: 'identity', issuers: 'more', maxAgeSeconds: 'less' },
  added: 'narrower',
  removed: 'wider',
  incoherent: ofStranger,
  words: (term) =>
    `${term.party} must have cleared it against the lists of ${listed(term.issuers, 'nobody')}, at most ${span(term.maxAgeSeconds)} ago`,
};

export const decisionPoint: TermDeclaration<DecisionPointTerm> = {
  meaning: 'whether this party has a decision point; if it has one, nothing is used without its fresh yes',
  evaluator: 'decide',
  points: ['gateway', 'broker'],
  order: {
    party: 'identity',
    present: { words: 'a yes is asked where none was', holds: (before) => !before },
    maxAgeSeconds: 'less',
  },
  added: 'narrower',
  removed: 'wider',
  incoherent: ofStranger,
  words: (term) =>
    term.present
      ? `the decision point of ${term.party} must have said yes, at most ${span(term.maxAgeSeconds)} ago`
      : `${term.party} has no decision point`,
};
