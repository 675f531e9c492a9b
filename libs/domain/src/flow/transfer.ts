import { termsOfType } from '../agreement/find-terms.js';
import type { Agreement, DataTerm, RegionTerm, TransferTerm } from '../documents/agreement.js';
import { type OrganisationId, sameResource } from '../names.js';

const transferTerm = (agreement: Agreement, { product, resource }: DataTerm): TransferTerm | undefined =>
  termsOfType(agreement, 'transfer').find((term) => term.product === product && sameResource(term.resource, resource));

/** Whether data of a product may lie in a region, which is where it passes through too. True where the agreement names no countries for it. */
export function mayLieIn(agreement: Agreement, term: DataTerm, { jurisdiction }: RegionTerm): boolean {
  const transfer = transferTerm(agreement, term);
  return !transfer || (transfer.storage.includes(jurisdiction) && transfer.transit.includes(jurisdiction));
}

/** Whether this organisation, of the country that its own entity document says, may open data of a product. What is its own it opens anywhere. */
export function mayOpenFrom(
  agreement: Agreement,
  term: DataTerm,
  organisation: OrganisationId,
  jurisdiction: string | undefined,
): boolean {
  const transfer = transferTerm(agreement, term);
  if (!transfer || organisation === term.resource.owner) return true;
  return jurisdiction !== undefined && transfer.access.includes(jurisdiction);
}
