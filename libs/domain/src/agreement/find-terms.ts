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
} from '../documents/agreement.js';
import type { LocalId, ResourceRef } from '../names.js';
import { sameResource } from '../names.js';
import type { TermOf } from '../term/declare-term.js';

/** All terms of one kind, in the order they are written. */
export const termsOfType = <K extends TermType>(agreement: Agreement, type: K): readonly TermOf<K>[] =>
  agreement.terms.filter((term): term is Term & TermOf<K> => term.type === type);

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
