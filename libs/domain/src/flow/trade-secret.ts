import { meets } from '../annex/equivalence.js';
import type { HeldPapers } from '../annex/held.js';
import type { Agreement, DataTerm, ProductKey, Term, TradeSecretMark, UnknownTerm } from '../documents/agreement.js';
import type { Instant } from '../instant.js';
import { sameResource } from '../names.js';

/**
 * What leaves of a version at `now`: a key that is marked as a trade secret is dropped, unless everybody whom its product reaches is the owner or one of
 * those whom the mark names, and meets the named control in a way that the other sides accepted. A mark in one product of a machine holds in every other
 * of it, and one batch is sealed to all recipients of its product: so a product that reaches further than the mark carries nothing of it. `said` are the
 * version and what either side left of it: a mark of any of them counts, also where the clause it stands in means nothing any more.
 */
export function withoutUnprotected(
  reading: Agreement,
  said: readonly Agreement[],
  papers: HeldPapers,
  now: Instant,
): Agreement {
  const marking = said.flatMap(({ terms }) => terms.filter(isMarking));
  if (marking.length === 0) return reading;
  const kept = (term: DataTerm, key: ProductKey): ProductKey => {
    const marks = marking
      .filter(({ resource }) => sameResource(resource, term.resource))
      .flatMap(({ keys }) => keys.flatMap((one) => (one.key === key.key && one.secret ? [one.secret] : [])));
    return marks.every((mark) => isProtected(term, mark, reading, papers, now))
      ? key
      : { ...key, action: 'drop', step: null };
  };
  const terms = reading.terms.map((term) =>
    isData(term) ? { ...term, keys: term.keys.map((key) => kept(term, key)) } : term,
  );
  return { ...reading, terms };
}

const isData = (term: Term | UnknownTerm): term is DataTerm => term.type === 'data-collection';

const isMarking = (term: Term | UnknownTerm): term is DataTerm =>
  isData(term) && term.keys.some(({ secret }) => secret !== undefined);

const isProtected = (
  { recipients, resource }: DataTerm,
  mark: TradeSecretMark,
  agreement: Agreement,
  papers: HeldPapers,
  now: Instant,
): boolean =>
  recipients.every(
    (party) =>
      party === resource.owner ||
      (mark.recipients.includes(party) && meets({ party, control: mark.control }, agreement, papers, now)),
  );
