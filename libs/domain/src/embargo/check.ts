import type { Instant } from '../instant.js';
import type { LocalId, OrganisationId } from '../names.js';

/** One company's own copy of the lists it obeys, at one date. */
export interface EmbargoSnapshot {
  /** Whose lists are in it, e.g. `eu`, `un`, `us`. */
  readonly issuers: readonly LocalId[];
  readonly takenAt: Instant;
  /** ISO 3166-1 alpha-2. */
  readonly jurisdictions: {
    /** Every jurisdiction the lists speak about or are known to leave alone. */
    readonly known: readonly string[];
    readonly blocked: readonly string[];
  };
  readonly organisations: readonly OrganisationId[];
}

/** Who and where a right reaches: partners by name, and every jurisdiction that people, data or machines of it are in. */
export interface EmbargoQuestion {
  readonly organisations: readonly OrganisationId[];
  readonly jurisdictions: readonly string[];
}

/**
 * The answer of the lists, or undefined where they cannot answer: no snapshot, or one without an issuer that the agreement asks for. No
 * answer is no verdict, and without a verdict nothing opens. A jurisdiction that the snapshot does not know is blocked: unknown is no.
 */
export function checkEmbargo(
  snapshot: EmbargoSnapshot | undefined,
  issuers: readonly LocalId[],
  question: EmbargoQuestion,
  now: Instant,
): 'clear' | 'blocked' | undefined {
  if (!snapshot || snapshot.takenAt > now) return undefined;
  if (issuers.some((issuer) => !snapshot.issuers.includes(issuer))) return undefined;
  const { known, blocked } = snapshot.jurisdictions;
  const barred =
    question.organisations.some((organisation) => snapshot.organisations.includes(organisation)) ||
    question.jurisdictions.some((place) => blocked.includes(place) || !known.includes(place));
  return barred ? 'blocked' : 'clear';
}
