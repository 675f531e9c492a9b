import type { Instant } from '../instant.js';
import type { OrganisationId } from '../names.js';
import type { Validity } from './lists.js';
import type { EmbargoHit, ReviewSubject } from './outcome.js';
import type { EmbargoAct, EmbargoQuestion } from './question.js';

/** What a human decided about one entry and one party. */
export interface Ruling {
  readonly subject: Omit<ReviewSubject, 'score'>;
  readonly says: 'not-a-match' | 'match';
  /** The person's name in the company. */
  readonly by: string;
  readonly reason: string;
  readonly at: Instant;
}

/** A permission of an authority, or an exception the law itself makes and the company claims. Null in its scope: not limited in that. */
export interface Authorisation {
  readonly number: string;
  readonly authority: string;
  readonly issuer: string;
  readonly kind: 'licence' | 'exception';
  readonly scope: {
    /** The rules, programmes or entries it lifts; it lifts no other. */
    readonly rules: readonly string[];
    readonly parties: readonly OrganisationId[] | null;
    readonly acts: readonly EmbargoAct[] | null;
    /** ISO codes; every place of the question that a lifted rule is about must be among them. */
    readonly places: readonly string[] | null;
    /** `owner/id` of machines. */
    readonly items: readonly string[] | null;
    /** Only for contracts concluded before: wind-down. */
    readonly contractsBefore: Instant | null;
  };
  readonly validity: Validity;
  readonly conditions: readonly string[];
  readonly reporting: readonly { readonly what: string; readonly withinDays: number }[];
}

export interface HeldAuthorisation {
  readonly authorisation: Authorisation;
  readonly recordedAt: Instant;
  /** Annulled, suspended or withdrawn: from then on it lifts nothing. */
  readonly revokedAt: Instant | null;
}

export interface EmbargoRecords {
  readonly rulings: readonly Ruling[];
  readonly authorisations: readonly HeldAuthorisation[];
}

/** Whether a rule holds at an instant; the end itself is outside. */
export const holdsAt = ({ validFrom, validTo }: Validity, at: Instant): boolean =>
  (validFrom === null || validFrom <= at) && (validTo === null || at < validTo);

/** The newest ruling about exactly this version of this entry and this party under this name. */
export function rulingOn(subject: ReviewSubject, rulings: readonly Ruling[], now: Instant): Ruling | undefined {
  return rulings
    .filter(
      ({ subject: about, at }) =>
        at <= now &&
        about.list === subject.list &&
        about.entry === subject.entry &&
        about.version === subject.version &&
        about.organisation === subject.organisation &&
        about.name === subject.name,
    )
    .sort((a, b) => b.at - a.at)[0];
}

/** The authorisation that lifts a hit for this question now, if there is one. Only what a licence can permit is lifted. */
export function permitting(
  hit: EmbargoHit,
  question: EmbargoQuestion,
  held: readonly HeldAuthorisation[],
  now: Instant,
): Authorisation | undefined {
  if (hit.outcome !== 'blocked' && hit.outcome !== 'licence_required') return undefined;
  return held.find(
    ({ authorisation, recordedAt, revokedAt }) =>
      recordedAt <= now &&
      (revokedAt === null || now < revokedAt) &&
      authorisation.issuer === hit.issuer &&
      holdsAt(authorisation.validity, now) &&
      covers(authorisation.scope, hit, question),
  )?.authorisation;
}

function covers(scope: Authorisation['scope'], hit: EmbargoHit, question: EmbargoQuestion): boolean {
  const all = <T>(allowed: readonly T[] | null, asked: readonly (T | null)[]) =>
    allowed === null || asked.every((one) => one !== null && allowed.includes(one));
  return (
    scope.rules.includes(hit.rule) &&
    all(
      scope.parties,
      question.parties.map((party) => party.organisation),
    ) &&
    all(scope.acts, [question.act]) &&
    all(
      scope.places,
      question.places.map((place) => place.subdivision ?? place.country),
    ) &&
    all(
      scope.items,
      question.items.map(({ resource }) => `${resource.owner}/${resource.id}`),
    ) &&
    (scope.contractsBefore === null || question.contractFrom < scope.contractsBefore)
  );
}
