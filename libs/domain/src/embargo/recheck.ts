import type { Instant } from '../instant.js';
import { checkEmbargo } from './check.js';
import { type EmbargoDecision, mayGoOn } from './outcome.js';
import type { PreparedLists } from './prepare-lists.js';
import type { EmbargoQuestion } from './question.js';
import type { EmbargoRecords } from './records.js';

/** A right that stands: granted, in session, flowing or queued. */
export interface StandingRight {
  readonly id: string;
  readonly issuers: readonly string[];
  readonly question: EmbargoQuestion;
}

/** Asks again about everything that stands, as after every change of a list, an owner, a place, an authorisation or a date. */
export function* recheck(
  standing: Iterable<StandingRight>,
  lists: PreparedLists,
  records: EmbargoRecords,
  now: Instant,
): Generator<{ readonly right: StandingRight; readonly decision: EmbargoDecision }> {
  for (const right of standing)
    yield { right, decision: checkEmbargo(lists, right.issuers, right.question, records, now) };
}

/** A decision with what it was made from. The lists are in `decision.lists` by digest, and are kept for good. */
export interface EmbargoRecord {
  readonly id: string;
  readonly issuers: readonly string[];
  readonly question: EmbargoQuestion;
  readonly decision: EmbargoDecision;
}

/** Makes a recorded decision again from the same lists and from what was recorded at its time. Equal, or somebody changed something. */
export const replay = (record: EmbargoRecord, lists: PreparedLists, records: EmbargoRecords): EmbargoDecision =>
  checkEmbargo(lists, record.issuers, record.question, records, record.decision.asOf);

/** Boundaries that are looked at before one verdict; more than that in one verdict's life, and it ends at the last one that was looked at. */
const MOST_BOUNDARIES = 64;

/**
 * Until when an answer may be relied on without asking again, at most `latest`. A yes ends at the first instant at which the same lists and
 * records would no longer say yes; a rule that begins elsewhere ends nothing. A no may be relied on for as long as anybody likes.
 */
export function clearUntil(answer: (at: Instant) => EmbargoDecision, now: Instant, latest: Instant): Instant {
  let decision = answer(now);
  for (let looked = 0; looked < MOST_BOUNDARIES; looked += 1) {
    if (!mayGoOn(decision) || decision.until === null || decision.until >= latest) return latest;
    const next = answer(decision.until);
    if (!mayGoOn(next)) return decision.until;
    decision = next;
  }
  return decision.asOf;
}
