import type { AgreedResource, Agreement, Term } from '../documents/agreement.js';
import type { Narrowing } from '../documents/right.js';
import type { ResourceRef } from '../names.js';
import { clauseOf, isKnownTerm } from '../term/term-table.js';

/** The parts of a version that a person names when he takes something away. */
export const PARTS = ['resource', 'service', 'clause', 'purpose', 'recipient', 'key'] as const;
export type NamedPart = (typeof PARTS)[number];

/** One part by its name: `owner/id`, `owner/id=service`, a clause as the comparison of versions writes it, or the name itself. */
export interface TakenPart {
  readonly part: NamedPart;
  readonly name: string;
}

/**
 * What an act must strike and write so that these parts are gone from a version. A purpose, recipient or key goes from every clause that has it; a
 * clause of access that keeps no purpose is struck. What is not there is struck by its name, so that the rule that judges the act can say so.
 */
export function takeAway(agreement: Agreement, taken: readonly TakenPart[]): Omit<Narrowing, 'version'> {
  const names = (part: NamedPart) => taken.filter((one) => one.part === part).map(({ name }) => name);
  const terms = agreement.terms.filter(isKnownTerm);
  const left = terms.map((term) => less(term, names));
  const changed = left.filter((term, at) => term !== terms[at]);
  const emptied = changed.filter(
    (term) => 'approvals' in term && 'ticketPattern' in term && term.purposes.length === 0,
  );
  const resources = resourcesLeft(agreement.resources, names('service'));
  const missing = taken.filter(({ part, name }) => !isThere(agreement, terms, part, name));
  return {
    strike: {
      resources: agreement.resources
        .filter((one) => names('resource').includes(nameOf(one)))
        .map(({ owner, id }) => ({ owner, id })),
      clauses: [...names('clause'), ...emptied.map(clauseOf), ...missing.map(({ part, name }) => `${part} ${name}`)],
    },
    instead: {
      resources: resources.filter((one, at) => one !== agreement.resources[at]),
      terms: changed.filter((term) => !emptied.includes(term)),
    },
  };
}

const nameOf = ({ owner, id }: ResourceRef): string => `${owner}/${id}`;

function resourcesLeft(resources: readonly AgreedResource[], taken: readonly string[]): readonly AgreedResource[] {
  return resources.map((one) => {
    const services = one.services.filter((service) => !taken.includes(`${nameOf(one)}=${service}`));
    return services.length === one.services.length ? one : { ...one, services };
  });
}

function less(term: Term, names: (part: NamedPart) => readonly string[]): Term {
  const gone = (part: NamedPart, all: readonly string[]) => all.some((one) => names(part).includes(one));
  const kept = <T extends string>(part: NamedPart, all: readonly T[]) =>
    all.filter((one) => !names(part).includes(one));
  let left = term;
  if ('purposes' in left && gone('purpose', left.purposes))
    left = { ...left, purposes: kept('purpose', left.purposes) };
  if (left.type !== 'data-collection') return left;
  if (gone('recipient', left.recipients)) left = { ...left, recipients: kept('recipient', left.recipients) };
  const { keys } = left;
  return gone(
    'key',
    keys.map(({ key }) => key),
  )
    ? { ...left, keys: keys.filter(({ key }) => !names('key').includes(key)) }
    : left;
}

function isThere(agreement: Agreement, terms: readonly Term[], part: NamedPart, name: string): boolean {
  switch (part) {
    case 'resource':
      return agreement.resources.some((one) => nameOf(one) === name);
    case 'service':
      return agreement.resources.some((one) => one.services.some((service) => `${nameOf(one)}=${service}` === name));
    case 'clause':
      // Struck under its own name, whether it is there or not.
      return true;
    default:
      return terms.some((term) => {
        if (part === 'purpose') return 'purposes' in term && term.purposes.some((one) => one === name);
        if (term.type !== 'data-collection') return false;
        return part === 'key' ? term.keys.some(({ key }) => key === name) : term.recipients.some((one) => one === name);
      });
  }
}
