import { bringsFiles } from '../agreement/file-transfer.js';
import { accessTerm, delegationTerm, termsOfType } from '../agreement/find-terms.js';
import { exceedsThirdParty } from '../agreement/third-party.js';
import { allow, type Decision, refuse } from '../decision.js';
import type { Agreement, Term, TermType } from '../documents/agreement.js';
import type { Act, Grant, Narrowing, Right } from '../documents/right.js';
import { covered } from '../grant/covered.js';
import { type Digest, type OrganisationId, sameResource } from '../names.js';
import { compareVersions, provablyNarrower, same } from '../term/order.js';
import { clauseOf, declarationOf, isKnownTerm } from '../term/term-table.js';
import type { ChainFacts } from '../verified-chain.js';
import { type HeldAct, liftedBy } from './standing.js';

/**
 * More narrowings of one version by one party at a time than this, and nothing under it is used: whoever wants that much less suspends it. Each party has
 * its own number: nobody can use up what another may take away.
 */
export const MOST_NARROWINGS = 64;

/** The version as this act leaves it. */
export function withNarrowing(agreement: Agreement, { strike, instead }: Narrowing): Agreement {
  const resources = agreement.resources
    .filter((one) => !strike.resources.some((struck) => sameResource(struck, one)))
    .map((one) => instead.resources.find((other) => sameResource(other, one)) ?? one);
  const replaced = agreement.terms
    .filter((term) => !strike.clauses.includes(clauseOf(term)))
    .map((term) => instead.terms.find((other) => clauseOf(other) === clauseOf(term)) ?? term);
  const kept = new Set(replaced.map(clauseOf));
  return {
    ...agreement,
    resources: [...resources, ...instead.resources.filter((one) => !resources.some((had) => sameResource(had, one)))],
    terms: [...replaced, ...instead.terms.filter((term) => !kept.has(clauseOf(term)))],
  };
}

/**
 * Why one side alone may not take this out of a version: the resource, clause or member that would not be provably narrower (trust model,
 * section 5), that is not there, or that is named twice; undefined where it may.
 */
export function narrowingFault(agreement: Agreement, narrowing: Narrowing): string | undefined {
  const { strike, instead } = narrowing;
  const there = [...agreement.resources.map(nameOf), ...agreement.terms.map((term) => `term ${clauseOf(term)}`)];
  const struck = [...strike.resources.map(nameOf), ...strike.clauses.map((clause) => `term ${clause}`)];
  const written = [...instead.resources.map(nameOf), ...instead.terms.map((term) => `term ${clauseOf(term)}`)];
  const missing = struck.find((name) => !there.includes(name));
  if (missing) return missing;
  const named = [...struck, ...written];
  const twice = named.find((name, at) => named.indexOf(name) !== at);
  if (twice) return twice;
  const changes = compareVersions(agreement, withNarrowing(agreement, narrowing));
  if (changes.length === 0) return 'nothing';
  const wider = changes.find(({ effect }) => effect !== 'narrower') ?? changes.find(({ at }) => !countsHere(at));
  // A clause that contradicts the version means nothing that anybody could obey.
  return wider?.at ?? instead.terms.find((term) => declarationOf(term).incoherent?.(term, agreement))?.type;
}

/**
 * Whether what an act leaves of a term of this kind is evaluated wherever the version itself is. What only the version says cannot be
 * narrowed so: the act would promise what nobody keeps. Time limits, sessions, logins and clocks are judged at the door, by the version.
 */
const BY_ACT: Readonly<Record<TermType, boolean>> = {
  'remote-service': true,
  'machine-to-machine': true,
  'data-collection': true,
  region: true,
  offline: false,
  'resource-class': true,
  selector: true,
  hours: true,
  'file-transfer': true,
  sessions: false,
  're-login': false,
  'clock-skew': false,
  'safety-notice': false,
  transfer: false,
  embargo: true,
  'decision-point': true,
  evidence: false,
  custody: false,
  signal: false,
  notice: false,
  'third-party': true,
  equivalence: true,
  machines: true,
  insolvency: false,
  delegation: true,
  'identity-provider': true,
  'time-limits': false,
};

/** By the name that a comparison of versions gives it. */
function countsHere(at: string): boolean {
  const [what, type = ''] = at.split(' ');
  return what === 'resource' || (Object.hasOwn(BY_ACT, type) && BY_ACT[type as TermType]);
}

const nameOf = ({ owner, id }: { owner: string; id: string }): string => `resource ${owner}/${id}`;

/** A version as one narrowing leaves it. */
export interface NarrowedVersion {
  readonly held: HeldAct;
  readonly agreement: Agreement;
}

/** How many of these are of one party. */
export const narrowingsOf = (versions: readonly NarrowedVersion[], organisation: OrganisationId): number =>
  versions.filter(({ held }) => held.act.organisation === organisation).length;

/** An act and a version never change, so what one makes of the other is found once. */
const narrowed = new WeakMap<Act, WeakMap<Agreement, Agreement | null>>();

/**
 * The version as each narrowing that stands leaves it; none where nobody narrowed it. A use must be allowed under the version and under every one of
 * these, so their order means nothing and none of them can give what another took. An act that is not provably narrower counts for nothing.
 */
export function narrowedVersions(
  agreement: Agreement,
  version: Digest,
  acts: readonly HeldAct[],
): readonly NarrowedVersion[] {
  const standing = acts.filter(
    ({ act }) =>
      act.verb === 'narrow' &&
      act.narrows?.version === version &&
      act.agreementId === agreement.id &&
      agreement.parties.some((party) => party.organisation === act.organisation),
  );
  return standing.flatMap((held) => {
    if (liftedBy(held, acts, agreement)) return [];
    const found = asNarrowed(held.act, agreement);
    return found ? [{ held, agreement: found }] : [];
  });
}

function asNarrowed(act: Act, agreement: Agreement): Agreement | null {
  const had = narrowed.get(act)?.get(agreement);
  if (had !== undefined) return had;
  const may = act.narrows && narrowingFault(agreement, act.narrows) === undefined;
  const found = act.narrows && may ? withoutTimes(withNarrowing(agreement, act.narrows)) : null;
  const of = narrowed.get(act) ?? new WeakMap<Agreement, Agreement | null>();
  narrowed.set(act, of.set(agreement, found));
  return found;
}

/** How early something is booked and how old a yes may be is judged at the door by the version: here there is no such moment to judge it at. */
const withoutTimes = (agreement: Agreement): Agreement => ({
  ...agreement,
  terms: agreement.terms.filter(({ type }) => type !== 'time-limits'),
});

/** As much of a right as is asked about: what else it names may have been taken away without touching that. */
export type PartOfRight = Pick<Right, 'resources' | 'actions' | 'windows'>;

/** A right as `narrowedFault` reads it. */
export type NarrowedRight = Pick<ChainFacts, 'agreement' | 'grant' | 'delegations' | 'approvers'>;

/**
 * What a narrowed version no longer allows of this part of a right; undefined where it still allows all of it. Pure coverage: verdicts and
 * papers that the narrowed version asks for are looked at beside it.
 */
export function narrowedFault(
  { agreement, grant, delegations, approvers }: NarrowedRight,
  part: PartOfRight,
  left: Agreement,
): { readonly clause: string; readonly isApproval: boolean } | undefined {
  // When each said yes is judged where the door is, by the version itself.
  const counted = approvers.map((one) => ({ ...one, signedAt: 0, hours: null }));
  const cover = covered(partOf(grant, part), left, grant.requester, counted, 0);
  if (!cover.allowed) {
    const { code, clause } = cover.refusal;
    return { clause: clause ?? code, isApproval: code === 'approvals_missing' };
  }
  if (part.actions.some((action) => bringsFiles(left, grant.kind, action)))
    return { clause: 'file-transfer', isApproval: false };
  if (delegations.length === 0) return undefined;
  const term = delegationTerm(left);
  // Who approved which link is not told apart here: under other approvals a delegation is asked for anew.
  const seats = (of: Agreement) => [
    accessTerm(of, grant.kind)?.approvals,
    delegationTerm(of)?.unapproved,
    termsOfType(of, 'resource-class'),
  ];
  const handed =
    term &&
    delegations.length <= term.depth &&
    same(seats(left), seats(agreement)) &&
    delegations.every(({ document }) => {
      const side = document.subjects[0]?.organisation;
      return side && term.delegates.includes(side) && !exceedsThirdParty(partOf(document, part), left, side);
    });
  return handed ? undefined : { clause: 'delegation', isApproval: false };
}

/** Member by member: those of a held row are read only where they are asked for. */
function partOf(right: Right, { resources, actions, windows }: PartOfRight): Grant {
  const { v, id, kind, agreementId, agreement, requester, subjects, purpose, ticket, issuedAt } = right;
  const who = { typ: 'grant' as const, v, id, kind, agreementId, agreement, requester, subjects, purpose, ticket };
  return { ...who, issuedAt, resources, actions, windows };
}

/**
 * Whether a right that is asked for lies wholly inside what both sides left of the version, and is approved as they ask now. That it is inside the
 * version itself has been decided.
 */
export function leftFor(
  right: NarrowedRight & { readonly agreementDigest: Digest },
  acts: readonly HeldAct[],
): Decision<true, 'narrowed' | 'approvals_missing'> {
  const versions = narrowedVersions(right.agreement, right.agreementDigest, acts);
  const whole = right.delegations.at(-1)?.document ?? right.grant;
  const faults = versions.flatMap(({ agreement }) => narrowedFault(right, whole, agreement) ?? []);
  const fault = faults.find(({ isApproval }) => !isApproval) ?? faults[0];
  if (!fault) return allow(true);
  return refuse(fault.isApproval ? 'approvals_missing' : 'narrowed', { clause: fault.clause });
}

/**
 * The version by which data leaves: of every data product and region the narrowest clause that anybody left of it. Where none is narrower than all the
 * others, or one side struck it, it is not there at all, and nothing leaves under it.
 */
export function narrowestReading(agreement: Agreement, versions: readonly NarrowedVersion[]): Agreement {
  if (versions.length === 0) return agreement;
  const all = [agreement, ...versions.map((one) => one.agreement)];
  const terms = agreement.terms.flatMap((term) => {
    if (term.type !== 'data-collection' && term.type !== 'region') return [term];
    const narrowest = narrowestOf(all.map((one) => one.terms.find((other) => clauseOf(other) === clauseOf(term))));
    return narrowest ? [narrowest] : [];
  });
  return { ...agreement, terms };
}

function narrowestOf(candidates: readonly (Agreement['terms'][number] | undefined)[]): Term | undefined {
  const known = candidates.filter((term): term is Term => term !== undefined && isKnownTerm(term));
  if (known.length < candidates.length) return undefined;
  return known.find((term) => known.every((other) => same(other, term) || isNarrower(other, term)));
}

/** Whether the second term is provably narrower than the first of the same clause. */
export function isNarrower(before: Term, after: Term): boolean {
  const only = (term: Term) => ({ ...EMPTY, terms: [term] });
  return provablyNarrower(only(before), only(after));
}

/** A version that says nothing, in which one term is compared with another. */
const EMPTY = { resources: [], terms: [] } as unknown as Agreement;
