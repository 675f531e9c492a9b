import { allow, type Decision, type Refusal, refuse } from '../decision.js';
import type {
  AccessTerm,
  Agreement,
  DataTerm,
  DecisionPointTerm,
  EmbargoTerm,
  EvidenceTerm,
  GrantKind,
  OfflineTerm,
  RegionTerm,
  ResourceClass,
  Term,
  TermType,
  UnknownTerm,
} from '../documents/agreement.js';
import type { Instant } from '../instant.js';
import type { LocalId, OrganisationId, ResourceRef } from '../names.js';
import { sameResource } from '../names.js';
import { thirdPartyIncoherence } from './third-party.js';

/** Where each kind of term is evaluated. A term that is not in this table blocks activation. */
export const TERM_EVALUATORS: Readonly<Record<TermType, string>> = {
  'remote-service': 'grant/covered',
  'machine-to-machine': 'grant/covered',
  'data-collection': 'grant/covered',
  region: 'flow/route',
  offline: 'session/ends',
  embargo: 'decide',
  'decision-point': 'decide',
  evidence: 'agreement/activate',
  notice: 'act/standing',
  'third-party': 'agreement/third-party',
};

export type ActivateRefusal =
  | 'term_without_evaluator'
  | 'agreement_incoherent'
  | 'agreement_not_yet_effective'
  | 'agreement_over';

export const isKnownTerm = (term: Term | UnknownTerm): term is Term => Object.hasOwn(TERM_EVALUATORS, term.type);

/**
 * Whether an agreement version can have any effect at `now`: every term and every class of resource has an evaluator, the parts name each other
 * rightly, and it is inside its own dates. The refusal names the first thing that is wrong.
 */
export function activate(agreement: Agreement, now: Instant): Decision<Agreement, ActivateRefusal> {
  const { fault } = readingOf(agreement);
  if (fault) return fault;
  if (now < agreement.effectiveFrom) return refuse('agreement_not_yet_effective');
  if (now >= agreement.endsAt) return refuse('agreement_over');
  return allow(agreement);
}

/** What a version says whatever the time is. */
interface Reading {
  readonly fault: { readonly allowed: false; readonly refusal: Refusal<ActivateRefusal> } | undefined;
  readonly embargo: readonly EmbargoTerm[];
  readonly decisionPoints: readonly DecisionPointTerm[];
}

/** A version never changes, so it is read once: who asks a thousand times a second pays for the time alone. */
const readings = new WeakMap<Agreement, Reading>();

function readingOf(agreement: Agreement): Reading {
  const had = readings.get(agreement);
  if (had) return had;
  const terms = knownTerms(agreement);
  const reading: Reading = {
    fault: timelessFault(agreement),
    embargo: terms.filter((term): term is EmbargoTerm => term.type === 'embargo' && term.issuers.length > 0),
    decisionPoints: terms.filter((term): term is DecisionPointTerm => term.type === 'decision-point' && term.present),
  };
  readings.set(agreement, reading);
  return reading;
}

function timelessFault(agreement: Agreement): Reading['fault'] {
  const unknown = agreement.terms.find((term) => !isKnownTerm(term));
  if (unknown) return refuse('term_without_evaluator', { clause: unknown.type });
  // Losing the broker ends what it must not end for safety; until something here evaluates that class, nobody may rely on it.
  if (agreement.resources.some((resource) => resource.class === 'safety'))
    return refuse('term_without_evaluator', { clause: 'safety' });
  const fault = incoherence(agreement);
  return fault ? refuse('agreement_incoherent', { clause: fault }) : undefined;
}

function incoherence(agreement: Agreement): string | undefined {
  const parties = agreement.parties.map((party) => party.organisation);
  if (new Set(parties).size !== parties.length) return 'parties';
  if (agreement.house ? parties.length !== 1 : parties.length < 2) return 'parties';
  if (agreement.endsAt <= agreement.effectiveFrom) return 'endsAt';
  const resources = agreement.resources;
  if (resources.some((resource) => !parties.includes(resource.owner))) return 'resources';
  if (resources.some((one, at) => resources.findIndex((other) => sameResource(one, other)) !== at)) return 'resources';
  const guests = thirdPartyIncoherence(agreement);
  if (guests) return guests;
  return knownTerms(agreement)
    .map((term) => termFault(term, agreement, parties))
    .find((fault) => fault !== undefined);
}

function termFault(term: Term, agreement: Agreement, parties: readonly OrganisationId[]): string | undefined {
  const twin = knownTerms(agreement).filter((other) => termIdentity(other) === termIdentity(term));
  if (twin.length > 1) return term.type;
  switch (term.type) {
    case 'data-collection':
      if (!agreement.resources.some((resource) => sameResource(resource, term.resource))) return term.type;
      if (term.recipients.some((recipient) => !parties.includes(recipient))) return term.type;
      return term.regions.every((region) => regionTerm(agreement, region)) ? undefined : term.type;
    case 'embargo':
    case 'decision-point':
      return parties.includes(term.party) ? undefined : term.type;
    case 'remote-service':
    case 'machine-to-machine':
      return term.approvals.length > 0 ? undefined : term.type;
    default:
      return undefined;
  }
}

/** Two terms of one identity would contradict each other; nobody could say which one counts. */
function termIdentity(term: Term): string {
  switch (term.type) {
    case 'data-collection':
      return `${term.type} ${term.product} ${term.resource.owner} ${term.resource.id}`;
    case 'region':
      return `${term.type} ${term.region}`;
    case 'offline':
      return `${term.type} ${term.kind} ${term.class}`;
    case 'embargo':
    case 'decision-point':
    case 'third-party':
      return `${term.type} ${term.party}`;
    default:
      return term.type;
  }
}

export const knownTerms = (agreement: Agreement): readonly Term[] => agreement.terms.filter(isKnownTerm);

export const accessTerm = (agreement: Agreement, kind: GrantKind): AccessTerm | undefined =>
  knownTerms(agreement).find(
    (term): term is AccessTerm =>
      (term.type === 'remote-service' || term.type === 'machine-to-machine') && term.type === kind,
  );

export const dataTerm = (agreement: Agreement, product: LocalId, resource: ResourceRef): DataTerm | undefined =>
  knownTerms(agreement).find(
    (term): term is DataTerm =>
      term.type === 'data-collection' && term.product === product && sameResource(term.resource, resource),
  );

export const regionTerm = (agreement: Agreement, region: LocalId): RegionTerm | undefined =>
  knownTerms(agreement).find((term): term is RegionTerm => term.type === 'region' && term.region === region);

export const offlineTerm = (agreement: Agreement, kind: GrantKind, cls: ResourceClass): OfflineTerm | undefined =>
  knownTerms(agreement).find(
    (term): term is OfflineTerm => term.type === 'offline' && term.kind === kind && term.class === cls,
  );

export const embargoTerms = (agreement: Agreement): readonly EmbargoTerm[] => readingOf(agreement).embargo;

export const decisionPointTerms = (agreement: Agreement): readonly DecisionPointTerm[] =>
  readingOf(agreement).decisionPoints;

/** Without this term evidence is cosigned by both: the narrowest reading. */
export const evidenceTerm = (agreement: Agreement): EvidenceTerm | undefined =>
  knownTerms(agreement).find((term): term is EvidenceTerm => term.type === 'evidence');
