import type { OfflineTerm } from '../documents/agreement.js';
import type { TermDeclaration } from './declare-term.js';
import { span } from './plain.js';

const MODE_WORDS = {
  closed: 'ends',
  static: 'goes on',
  local: 'ends, and an approver at the gateway may activate a dormant grant',
};

export const offline: TermDeclaration<OfflineTerm> = {
  meaning:
    'what becomes of a use when the broker is lost, how long it goes on after the last "still agreed" of either side, and within what time a use that was activated at the gateway is to be reviewed',
  evaluator: 'session/ends',
  points: ['gateway'],
  // Lease and offline mode always need both, in either direction.
  order: { kind: 'identity', class: 'identity', mode: 'both', leaseSeconds: 'both', reviewWithinSeconds: 'both' },
  added: 'both',
  removed: 'both',
  words: (term) =>
    `when the broker is lost, ${term.kind} on ${term.class} resources ${MODE_WORDS[term.mode]}; without a fresh "still agreed" of both sides it ends after ${span(term.leaseSeconds)}${review(term)}`,
  // Nothing but what an approver activates is reviewed.
  incoherent: (term) => term.mode !== 'local' && term.reviewWithinSeconds !== undefined,
};

const review = ({ reviewWithinSeconds: seconds }: OfflineTerm): string =>
  seconds === undefined
    ? ''
    : `; somebody else of the owner signs within ${span(seconds)} that he looked at what was activated`;
