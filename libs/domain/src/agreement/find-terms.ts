import type {
  AccessTerm,
  Agreement,
  DataTerm,
  DelegationTerm,
  EvidenceTerm,
  GrantKind,
  OfflineTerm,
  RegionTerm,
  ResourceClass,
  Term,
  TermType,
  UnknownTerm,
} from '../documents/agreement.js';
import type { LocalId, ResourceRef } from '../names.js';
import { sameResource } from '../names.js';
import type { TermOf } from '../term/declare-term.js';

/** A version never changes, so its terms are sorted by kind once: a decision asks for a dozen kinds of which most are not there. */
const sorted = new WeakMap<Agreement, ReadonlyMap<string, readonly (Term | UnknownTerm)[]>>();

/** All terms of one kind, in the order they are written. */
export function termsOfType<K extends TermType>(agreement: Agreement, type: K): readonly TermOf<K>[] {
  const kinds = sorted.get(agreement) ?? byType(agreement.terms);
  sorted.set(agreement, kinds);
  return (kinds.get(type) ?? NONE) as readonly TermOf<K>[];
}

const NONE: readonly never[] = [];

function byType(terms: Agreement['terms']): ReadonlyMap<string, readonly (Term | UnknownTerm)[]> {
  const kinds = new Map<string, (Term | UnknownTerm)[]>();
  for (const term of terms) kinds.set(term.type, [...(kinds.get(term.type) ?? []), term]);
  return kinds;
}

export const accessTerm = (agreement: Agreement, kind: GrantKind): AccessTerm | undefined =>
  kind === 'data-collection' ? undefined : termsOfType(agreement, kind)[0];

export const dataTerm = (agreement: Agreement, product: LocalId, resource: ResourceRef): DataTerm | undefined =>
  termsOfType(agreement, 'data-collection').find(
    (term) => term.product === product && sameResource(term.resource, resource),
  );

export const regionTerm = (agreement: Agreement, region: LocalId): RegionTerm | undefined =>
  termsOfType(agreement, 'region').find((term) => term.region === region);

export const offlineTerms = (agreement: Agreement): readonly OfflineTerm[] => termsOfType(agreement, 'offline');

export const offlineTerm = (agreement: Agreement, kind: GrantKind, cls: ResourceClass): OfflineTerm | undefined =>
  offlineTerms(agreement).find((term) => term.kind === kind && term.class === cls);

/** Without this term evidence is cosigned by both: the narrowest reading. */
export const evidenceTerm = (agreement: Agreement): EvidenceTerm | undefined => termsOfType(agreement, 'evidence')[0];

/** Without this term nobody may delegate. */
export const delegationTerm = (agreement: Agreement): DelegationTerm | undefined =>
  termsOfType(agreement, 'delegation')[0];
