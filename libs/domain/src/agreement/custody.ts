import type { Agreement } from '../documents/agreement.js';
import type { Purpose } from '../documents/key.js';
import type { OrganisationId } from '../names.js';
import { termsOfType } from './find-terms.js';

/** Purposes of the keys that speak for the organisation itself; they belong in no process that runs (trust model, section 3). */
const OF_THE_ORGANISATION: readonly Purpose[] = ['root', 'certify', 'agreement'];

/**
 * The party one of whose keys speaks for it and does something else besides, though not every party accepted that; undefined where there is none. For each
 * key of a party `purposesOf` says all that it is published for.
 */
export function custodyFault(
  agreement: Agreement,
  purposesOf: (party: OrganisationId) => readonly (readonly Purpose[])[],
): OrganisationId | undefined {
  const accepted = termsOfType(agreement, 'custody').filter((term) => term.custody === 'single');
  const bound = agreement.parties
    .map(({ organisation }) => organisation)
    .filter((one) => !accepted.some(({ party }) => party === one));
  return bound.find((one) => purposesOf(one).some(mixed));
}

const mixed = (purposes: readonly Purpose[]): boolean =>
  purposes.some((one) => OF_THE_ORGANISATION.includes(one)) &&
  purposes.some((one) => !OF_THE_ORGANISATION.includes(one));
