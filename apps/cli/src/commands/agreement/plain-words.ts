import { type Agreement, termWords } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { utc } from '../words.js';

/** An agreement version in plain words: everything it says, and nothing it does not. */
export function agreementWords(document: Agreement): string[] {
  return [
    `agreement ${document.id}, version ${document.version}${document.house ? ', a house agreement' : ''}`,
    `digest that is signed: ${digestOf(document)}`,
    `in effect from ${utc(document.effectiveFrom)} to ${utc(document.endsAt)}`,
    ...document.parties.map((party) => `party: ${party.organisation} as ${party.role}, known by root ${party.root}`),
    ...document.resources.map(
      (one) =>
        `resource: ${one.owner}/${one.id} (${one.class}), ${one.services.length > 0 ? `services ${one.services.join(', ')}` : 'no services'}`,
    ),
    ...document.terms.map((term) => `term: ${termWords(term)}`),
  ];
}
