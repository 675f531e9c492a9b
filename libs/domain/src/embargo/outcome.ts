import type { Instant } from '../instant.js';
import type { Digest, OrganisationId } from '../names.js';
import type { TerritoryRule } from './lists.js';

/** From harmless to final. Everything from `review` on acts as a no. */
export const EMBARGO_OUTCOMES = [
  'clear',
  'permitted_under',
  'review',
  'cannot_decide',
  'licence_required',
  'blocked',
] as const;
export type EmbargoOutcome = (typeof EMBARGO_OUTCOMES)[number];

/** One rule that speaks about the question, with what it says. */
export interface EmbargoHit {
  readonly issuer: string;
  /** Id of the rule, programme or list entry; an authorisation names these. */
  readonly rule: string;
  readonly outcome: Exclude<TerritoryRule['outcome'], never> | 'clear' | 'cannot_decide' | 'permitted_under';
  /** For the company's own record; never for the partner. */
  readonly because: string;
  readonly party?: string;
  /** What a human is asked to rule on, where the hit is about an entry of a list. */
  readonly entry?: ReviewSubject;
  /** The authorisation that lifted it. */
  readonly under?: string;
}

/** A ruling is about one version of one entry and one name of one party; when either changes it lapses. */
export interface ReviewSubject {
  readonly list: string;
  readonly entry: string;
  readonly version: string;
  readonly organisation: OrganisationId | null;
  readonly name: string;
  readonly score: number;
}

export interface Obligation {
  readonly authorisation: string;
  readonly what: string;
  /** Days after the first use by which it is due; null where it is a standing condition. */
  readonly withinDays: number | null;
}

/** An answer with everything that led to it; the same inputs give the same answer. */
export interface EmbargoDecision {
  readonly outcome: EmbargoOutcome;
  readonly hits: readonly EmbargoHit[];
  /** What was not known. Never empty where the outcome is `cannot_decide`. */
  readonly missing: readonly string[];
  readonly obligations: readonly Obligation[];
  /** When the answer has to be found again: a rule or an authorisation begins or ends, or a list grows too old. */
  readonly until: Instant | null;
  readonly issuers: readonly string[];
  /** Of every list that was looked at. */
  readonly lists: readonly Digest[];
  readonly asOf: Instant;
}

/** The strictest of several. */
export const strictest = (outcomes: readonly EmbargoOutcome[]): EmbargoOutcome =>
  EMBARGO_OUTCOMES[Math.max(0, ...outcomes.map((one) => EMBARGO_OUTCOMES.indexOf(one)))] ?? 'blocked';

/** Whether the right may be used. `review` and `cannot_decide` are no. */
export const mayGoOn = ({ outcome }: Pick<EmbargoDecision, 'outcome'>): boolean =>
  outcome === 'clear' || outcome === 'permitted_under';

/**
 * What the partner is told: yes or no. Which rule, which list and what was not known stay with the company: a reason could tip off
 * the one it is about.
 */
export const partnerAnswer = (decision: Pick<EmbargoDecision, 'outcome'>): 'clear' | 'blocked' =>
  mayGoOn(decision) ? 'clear' : 'blocked';
