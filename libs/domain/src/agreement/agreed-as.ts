import type { AgreedResource, Agreement, SelectorTerm } from '../documents/agreement.js';
import type { MachineRecord } from '../documents/annex.js';
import type { ResourceRef } from '../names.js';
import { sameResource } from '../names.js';
import { termsOfType } from './find-terms.js';

/** Whether the agreement names this resource itself. Then no selector speaks of it, wherever it stands. */
export const isNamed = (agreement: Agreement, resource: ResourceRef): boolean =>
  agreement.resources.some((agreed) => sameResource(agreed, resource));

/**
 * What a resource may be under an agreement: what stands under its name, or what each selector of its owner would make of it. Which of these it
 * is, its record says at the decision (`selectedBy`); whoever has no record at hand takes the narrowest of them. Empty where it is not covered.
 */
export function agreedAs(agreement: Agreement, resource: ResourceRef): readonly AgreedResource[] {
  const named = agreement.resources.find((agreed) => sameResource(agreed, resource));
  if (named) return [named];
  return termsOfType(agreement, 'selector')
    .filter(({ owner }) => owner === resource.owner)
    .map((term) => ({ ...resource, class: term.class, services: term.services }));
}

/** The selector that covers a machine that stands where its record says; a zone of a site has one at most. */
export const selectedBy = (agreement: Agreement, { resource, site, zone }: MachineRecord): SelectorTerm | undefined =>
  termsOfType(agreement, 'selector').find(
    (term) => term.owner === resource.owner && term.site === site && term.zone === zone,
  );
