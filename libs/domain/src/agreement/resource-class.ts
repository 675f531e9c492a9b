import type { Agreement, ResourceClass, ResourceClassTerm } from '../documents/agreement.js';
import type { LocalId, OrganisationId, ResourceRef } from '../names.js';
import { agreedAs } from './agreed-as.js';
import { termsOfType } from './find-terms.js';

/** What the agreement demands of a class; undefined where it demands nothing beside its clauses. */
export const resourceClassTerm = (agreement: Agreement, cls: ResourceClass): ResourceClassTerm | undefined =>
  termsOfType(agreement, 'resource-class').find((term) => term.class === cls);

/**
 * The first class of these resources for which too few persons of the owner's side approved. Guests do not count, and nobody counts twice: a
 * clause may be content with one person, and the class still asks for its own number.
 */
export function tooFewForClass(
  resources: readonly ResourceRef[],
  agreement: Agreement,
  owner: OrganisationId,
  approvers: readonly { readonly organisation: OrganisationId; readonly id: LocalId; readonly guest: boolean }[],
): ResourceClass | undefined {
  const persons = new Set(approvers.filter((one) => one.organisation === owner && !one.guest).map((one) => one.id));
  return resources
    .flatMap((one) => agreedAs(agreement, one))
    .map((agreed) => agreed.class)
    .find((cls) => persons.size < (resourceClassTerm(agreement, cls)?.approvals ?? 0));
}
