import { type HeldEmbargo, questionAbout } from '@interlock/company-side';
import {
  type Agreement,
  allow,
  checkEmbargo,
  type Decision,
  type Digest,
  type EmbargoDecision,
  type EmbargoQuestion,
  type EmbargoTerm,
  embargoTerms,
  type Instant,
  mayGoOn,
  type Right,
  refuse,
} from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { type Agent, finding } from '../agent.js';
import { partiesOf } from '../agreements/agreements.js';

/** The lists of this moment, or why there are none; then every answer is `cannot_decide`. */
export type ListsNow = Awaited<ReturnType<Agent['embargo']>>;

/** A question to the lists, ready to be asked for any instant. */
export interface Asked {
  readonly term: EmbargoTerm;
  readonly question: EmbargoQuestion;
  readonly snapshot: Digest;
  /** Changes whenever a list, a record, the question or the term does. */
  readonly state: Digest;
  answer(at: Instant): EmbargoDecision;
}

/** The term that asks this company for a verdict; undefined where the agreement asks for none. */
export const ownTerm = (agent: Agent, agreement: Agreement): EmbargoTerm | undefined =>
  embargoTerms(agreement).find((term) => term.party === agent.organisation);

/** What the lists are asked about one grant, with facts from the company's own register and verified entity documents. */
export function askLists(agent: Agent, lists: ListsNow, term: EmbargoTerm, grant: Right, agreement: Agreement): Asked {
  const entities = [
    ...agent.company().entities,
    ...agent.partners.documents(partiesOf(agreement).filter((party) => party !== agent.organisation)).entities,
  ].map(({ document }) => document);
  const held: HeldEmbargo | undefined = lists.allowed ? lists.value : undefined;
  const question = questionAbout(grant, agreement, held?.lists.register, entities);
  return {
    term,
    question,
    snapshot: held?.digest ?? digestOf(null),
    state: digestOf([held?.state ?? null, question, term]),
    answer: (at) =>
      held ? checkEmbargo(held.lists, term.issuers, question, held.records, at) : nothingToAsk(term, lists, at),
  };
}

const nothingToAsk = (term: EmbargoTerm, lists: ListsNow, at: Instant): EmbargoDecision => ({
  outcome: 'cannot_decide',
  hits: [],
  missing: [lists.allowed ? 'lists' : `${lists.refusal.code} ${lists.refusal.clause ?? ''}`.trim()],
  obligations: [],
  until: null,
  issuers: term.issuers,
  lists: [],
  asOf: at,
});

/**
 * Whether this company may ask for or approve a grant at all: its lists are asked before its people sign. What the lists say stays in the
 * company's record; the refusal says no more than a partner would be told.
 */
export async function embargoGate(agent: Agent, grant: Right, agreement: Agreement): Promise<Decision<true>> {
  const term = ownTerm(agent, agreement);
  if (!term) return allow(true);
  const now = agent.now();
  const { outcome, missing } = askLists(agent, await agent.embargo(now), term, grant, agreement).answer(now);
  if (mayGoOn({ outcome })) return allow(true);
  const code = outcome === 'cannot_decide' ? 'embargo_unknown' : 'embargo_blocked';
  await finding(agent, code, `a grant was not signed: ${outcome} ${missing.join('; ')}`.trim(), agreement.id);
  return refuse(code, { clause: `embargo ${agent.organisation}` });
}
