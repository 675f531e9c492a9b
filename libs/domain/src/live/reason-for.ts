import type { DecideRefusal } from '../decide.js';
import { type Refusal, refuse } from '../decision.js';
import type { OrganisationId } from '../names.js';

/** What an asker is told of a no. */
export type ReasonCode = DecideRefusal | 'not_a_party' | 'other_side_denied';

const OF_ONE_COMPANY = [
  'embargo_unknown',
  'embargo_blocked',
  'decision_point_unknown',
  'decision_point_denied',
] satisfies readonly DecideRefusal[];

/** What one company judged for itself: its clause names the company last, and where it names none, nobody is told. */
const isInner = (code: string): boolean => OF_ONE_COMPANY.some((one) => one === code);
const judgeOf = (clause: string | undefined) => clause?.split(' ').at(-1) as OrganisationId | undefined;

/** Whose the full explanation of a no is, and what the asker hears: a company's inner judgement is told to nobody but itself. */
export function reasonFor<C extends string>(
  asker: OrganisationId,
  { code, clause }: Refusal<C>,
): { readonly code: C | 'other_side_denied'; readonly belongsTo: OrganisationId } {
  const whose = isInner(code) ? judgeOf(clause) : asker;
  return whose === asker ? { code, belongsTo: asker } : { code: 'other_side_denied', belongsTo: whose ?? asker };
}

/** A no as this asker hears it: without the clause too, where another company judged for itself. */
export function heardBy<C extends string>(
  asker: OrganisationId,
  refusal: Refusal<C>,
): Refusal<C | 'other_side_denied'> {
  const { code } = reasonFor(asker, refusal);
  return code === refusal.code ? refusal : refuse(code).refusal;
}

export interface LoggedReason<C extends string> {
  readonly code: C | 'other_side_denied';
  readonly clause?: string;
  readonly belongsTo?: OrganisationId;
  readonly explanation?: string;
}

/**
 * A no as it stands in a log that both companies read: what one of them judged for itself is explained in the member that is disclosed to that company alone,
 * whichever side asked.
 */
export function loggedReason<C extends string>({ code, clause }: Refusal<C>): LoggedReason<C> {
  if (!isInner(code)) return { code, ...(clause !== undefined && { clause }) };
  const belongsTo = judgeOf(clause);
  return { code: 'other_side_denied', ...(belongsTo && { belongsTo, explanation: `${code} ${clause}` }) };
}
