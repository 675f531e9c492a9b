import { type Allowance, type Ask, type DecideRefusal, decide } from '../decide.js';
import { type Decision, refuse } from '../decision.js';
import type { Instant } from '../instant.js';
import type { OrganisationId } from '../names.js';
import type { VerifiedChain } from '../verified-chain.js';
import type { Candidate, LiveRights } from './live-rights.js';

/** An answer of the decision service, with the right it rests on, if there is one that the asker may know of. */
export interface Answer {
  readonly decision: Decision<Allowance, DecideRefusal | 'not_a_party'>;
  readonly chain: VerifiedChain | null;
}

const NOTHING: Answer = { decision: refuse('not_a_party'), chain: null };

/**
 * May this subject do this to that resource now, asked by an organisation's own enforcement point. `decide` answers for each right that
 * the asker is party to; one yes is enough. Whoever is party to none learns what he would learn of a name that nobody has.
 */
export function answer(rights: LiveRights, asker: OrganisationId, ask: Ask, now: Instant): Answer {
  const candidates = rights.candidates(asker, ask, now);
  const [first] = candidates;
  if (!first) return NOTHING;
  if (candidates.length === 1) return answerBy(first, ask, now);
  const answers = candidates.map((candidate) => answerBy(candidate, ask, now));
  // Of several noes the one that came furthest says most about what is missing.
  return (
    answers.find(({ decision }) => decision.allowed) ??
    answers.reduce((best, one) => (furthest(one) > furthest(best) ? one : best))
  );
}

const answerBy = ({ chain, facts }: Candidate, ask: Ask, now: Instant): Answer => ({
  decision: decide(chain, ask, facts, now),
  chain,
});

/** In the order in which `decide` asks. */
const ORDER: readonly string[] = ['not_the_holder', 'outside_grant', 'outside_window'];
const furthest = ({ decision }: Answer): number => {
  if (decision.allowed) return ORDER.length + 1;
  const at = ORDER.indexOf(decision.refusal.code);
  return at < 0 ? ORDER.length : at;
};
