import { allow, type Decision, type Refusal, refuse } from '../decision.js';
import type { Agreement, DecisionPointTerm, EmbargoTerm, SignalTerm, Term, TermType } from '../documents/agreement.js';
import type { Instant } from '../instant.js';
import { sameResource } from '../names.js';
import { clauseOf, isKnownTerm, termIncoherent } from '../term/term-table.js';
import { termsOfType } from './find-terms.js';
import { safetyIncoherence } from './safety.js';
import { thirdPartyIncoherence } from './third-party.js';

export type ActivateRefusal =
  | 'term_without_evaluator'
  | 'agreement_incoherent'
  | 'agreement_not_yet_effective'
  | 'agreement_over';

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
  readonly signals: readonly SignalTerm[];
  /** Whether any of its terms waits for signed papers beside it. */
  readonly asksForPapers: boolean;
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
    asksForPapers: terms.some(({ type }) => WAIT_FOR_PAPERS.includes(type)),
    signals: terms.filter((term): term is SignalTerm => term.type === 'signal'),
  };
  readings.set(agreement, reading);
  return reading;
}

const WAIT_FOR_PAPERS: readonly TermType[] = ['equivalence', 'machines', 'insolvency', 'selector'];

function timelessFault(agreement: Agreement): Reading['fault'] {
  const unknown = agreement.terms.find((term) => !isKnownTerm(term));
  if (unknown) return refuse('term_without_evaluator', { clause: unknown.type });
  // Safety is relied on by name: what stands in a zone today would be relied on as soon as somebody moved it there.
  if (termsOfType(agreement, 'selector').some((one) => one.class === 'safety'))
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
  const terms = knownTerms(agreement);
  return (
    (saidTwice(terms) ?? terms.find((term) => termIncoherent(term, agreement)))?.type ?? safetyIncoherence(agreement)
  );
}

/** Two terms of one clause would contradict each other; nobody could say which one counts. */
function saidTwice(terms: readonly Term[]): Term | undefined {
  const said = new Set<string>();
  return terms.find((term) => said.size === said.add(clauseOf(term)).size);
}

export const knownTerms = (agreement: Agreement): readonly Term[] => agreement.terms.filter(isKnownTerm);

/** Parties that must have cleared a use against their lists, each with those that it must have asked. */
export const embargoTerms = (agreement: Agreement): readonly EmbargoTerm[] => readingOf(agreement).embargo;

export const decisionPointTerms = (agreement: Agreement): readonly DecisionPointTerm[] =>
  readingOf(agreement).decisionPoints;

/** Facts that must hold for a use, each with whose word it is. */
export const signalTerms = (agreement: Agreement): readonly SignalTerm[] => readingOf(agreement).signals;

/** Whether a decision under this version depends on papers that hang on it: attestations, records of machines, notices. */
export const asksForPapers = (agreement: Agreement): boolean => readingOf(agreement).asksForPapers;
