import type { Agreement } from '../documents/agreement.js';
import type { Right } from '../documents/right.js';
import type { PersonRef } from '../grant/approver.js';
import { type LocalId, type OrganisationId, type SubjectRef, sameSubject } from '../names.js';
import { termsOfType } from './find-terms.js';

/** Whose machine it is, and whose people come. */
export interface Sides {
  readonly owner: OrganisationId;
  readonly subjectSide: OrganisationId;
}

/**
 * Whom of the subject's side a login stands for; nobody where it is undefined. A company speaks for its own people. Of another company's it speaks for
 * those whom the agreement names, each under the one name that both signed, and towards its own machines alone: whoever runs its agent could pass for
 * them, and must reach nothing by it that is not already its own.
 */
export function personOfLogin(
  agreement: Agreement,
  login: PersonRef,
  { owner, subjectSide }: Sides,
): SubjectRef | undefined {
  const person = (id: LocalId): SubjectRef => ({ organisation: subjectSide, kind: 'person', id });
  if (login.organisation === subjectSide) return person(login.id);
  if (login.organisation !== owner) return undefined;
  const named = termsOfType(agreement, 'identity-provider')
    .filter(({ party, issuer }) => party === subjectSide && issuer === owner)
    .flatMap(({ persons }) => persons)
    .find((one) => one.login === login.id);
  return named && person(named.id);
}

/** The same where the right names that person; undefined where it does not. */
export function subjectOfLogin(
  agreement: Agreement,
  { subjects, resources }: Pick<Right, 'subjects' | 'resources'>,
  login: PersonRef,
): SubjectRef | undefined {
  const [owner, subjectSide] = [resources[0]?.owner, subjects[0]?.organisation];
  const person = owner && subjectSide && personOfLogin(agreement, login, { owner, subjectSide });
  return person && subjects.some((one) => sameSubject(one, person)) ? person : undefined;
}

/** Whether an agreement has this login of one company stand for this person of another. */
export const standsFor = (agreement: Agreement, login: PersonRef, person: PersonRef): boolean =>
  termsOfType(agreement, 'identity-provider').some(
    ({ party, issuer, persons }) =>
      party === person.organisation &&
      issuer === login.organisation &&
      persons.some((one) => one.id === person.id && one.login === login.id),
  );

/** What a record says of a login at another company, and of no person: persons are covered there. Null for whoever logged in at the own. */
export const clauseOfLogin = ({ login }: { readonly login?: PersonRef | undefined }): string | null =>
  login ? `identity-provider ${login.organisation}` : null;
