import { isNarrower } from '../act/narrowing.js';
import type { HeldAct } from '../act/standing.js';
import { decide } from '../decide.js';
import { allow, type Decision, type Refusal } from '../decision.js';
import type { Agreement, Term, TermType, UnknownTerm } from '../documents/agreement.js';
import type { HeldAnnex } from '../documents/annex.js';
import type { Grant, Right } from '../documents/right.js';
import { route } from '../flow/route.js';
import type { Approver } from '../grant/approver.js';
import { covered } from '../grant/covered.js';
import { delegated } from '../grant/delegated.js';
import type { Instant } from '../instant.js';
import type { Digest, LocalId, ResourceRef, SubjectRef, Thumbprint } from '../names.js';
import { same } from '../term/order.js';
import { clauseOf, isKnownTerm } from '../term/term-table.js';
import type { ChainFacts, HeldDelegation, VerifiedChain } from '../verified-chain.js';
import { activate } from './activate.js';
import { dataTerm, regionTerm } from './find-terms.js';

/** A right whose signatures verified, with who said yes to each part of it. */
export interface ReplayedRight {
  readonly grant: Grant;
  readonly grantDigest: Digest;
  readonly approvers: readonly Approver[];
  readonly delegations: readonly (HeldDelegation & { readonly approvers: readonly Approver[] })[];
}

export type Outcome = 'permit' | 'deny';

/** One use that was recorded, or a right as it stands, with everything it was judged from. */
export interface Replayed {
  readonly what: 'decision' | 'grant' | 'session' | 'flow';
  /** Of the record, or of the right. */
  readonly id: string;
  readonly at: Instant;
  readonly outcome: Outcome;
  /** What the record says of a no. */
  readonly code: string | null;
  readonly clause: string | null;
  readonly right: ReplayedRight;
  readonly subject: SubjectRef;
  readonly resource: ResourceRef;
  /** Where data went; null for everything else. */
  readonly region: LocalId | null;
}

/** A version and the digest by which acts name it. */
export interface Version {
  readonly agreement: Agreement;
  readonly digest: Digest;
}

export interface SimulatedChange extends Pick<Replayed, 'what' | 'id' | 'at' | 'subject' | 'resource'> {
  readonly action: LocalId;
  readonly from: Outcome;
  readonly to: Outcome;
  /** Of the no, under the draft or before it, and the term that says it. */
  readonly code: string;
  readonly term: string | null;
}

export interface Simulation {
  /** Uses that came out as they were recorded, and would again. */
  readonly unchanged: number;
  readonly changes: readonly SimulatedChange[];
  /** What no version of the agreement explains: it was decided by something else, such as a lease or a key. */
  readonly unexplained: readonly { readonly id: string; readonly code: string }[];
}

/** Papers and cuts that were held; those issued after a use are not looked at for it. */
export interface HeldThen {
  readonly acts: readonly HeldAct[];
  readonly annexes: readonly HeldAnnex[];
}

/**
 * What would have been decided had `draft` stood in place of the version in force, each right signed under it by the same people. Opens nothing:
 * whoever asks has no verified chain under a draft. Verdicts and signals are not kept, so what both versions ask for alike counts as it was
 * recorded, and what only the draft asks for was never said, which is no.
 */
export function simulate(inForce: Version, draft: Version, uses: readonly Replayed[], held: HeldThen): Simulation {
  const all = sinceThen(draft.agreement, inForce.agreement);
  const before = { ...inForce, agreement: withoutSaid(inForce.agreement, inForce.agreement) };
  const after = { ...draft, agreement: withoutSaid(all, inForce.agreement) };
  const changes: SimulatedChange[] = [];
  const unexplained: { id: string; code: string }[] = [];
  let unchanged = 0;
  for (const use of uses) {
    for (const action of actionsOf(use)) {
      const was = judge(use, action, before, held);
      const recordedNo = was.allowed && use.outcome === 'deny';
      if (recordedNo ? !isTermOf(inForce.agreement, use.clause) : !was.allowed && use.outcome === 'permit') {
        unexplained.push({ id: use.id, code: was.allowed ? (use.code ?? 'unknown') : was.refusal.code });
        continue;
      }
      const stands = recordedNo && saysAlike(inForce.agreement, all, use.clause);
      const is = stands ? was : judge(use, action, after, held);
      const to: Outcome = is.allowed && !stands ? 'permit' : 'deny';
      if (to === use.outcome) {
        unchanged += 1;
        continue;
      }
      const no = is.allowed ? (was.allowed ? recordedOf(use) : was.refusal) : is.refusal;
      const { what, id, at, subject, resource } = use;
      changes.push({ what, id, at, subject, resource, action, from: use.outcome, to, ...deciding(no, use) });
    }
  }
  return { unchanged, changes, unexplained };
}

/** A draft begins with its signature; what is asked here is what it would have said all along. */
const sinceThen = (draft: Agreement, { effectiveFrom }: Agreement): Agreement => ({
  ...draft,
  effectiveFrom: Math.min(draft.effectiveFrom, effectiveFrom),
});

/** Terms that ask for something said freshly, which nobody keeps. */
const SAID_FRESHLY: readonly TermType[] = ['embargo', 'decision-point', 'signal'];

/** Without what was said already for the version in force, as strictly or more. */
const withoutSaid = (agreement: Agreement, inForce: Agreement): Agreement => ({
  ...agreement,
  terms: agreement.terms.filter(
    (term) =>
      !SAID_FRESHLY.some((type) => type === term.type) ||
      !inForce.terms.some((one) => same(one, term) || asStrict(one, term)),
  ),
});

const asStrict = (one: Term | UnknownTerm, term: Term | UnknownTerm): boolean =>
  isKnownTerm(one) && isKnownTerm(term) && clauseOf(one) === clauseOf(term) && isNarrower(term, one);

const termNamed = ({ terms }: Agreement, clause: string | null): Term | UnknownTerm | undefined =>
  terms.find((term) => clauseOf(term) === clause);
const isTermOf = (agreement: Agreement, clause: string | null): boolean => termNamed(agreement, clause) !== undefined;

function saysAlike(one: Agreement, other: Agreement, clause: string | null): boolean {
  const is = termNamed(other, clause);
  return is !== undefined && same(termNamed(one, clause), is);
}

const recordedOf = ({ code, clause }: Replayed): Refusal => ({ code: code ?? 'unknown', ...(clause && { clause }) });

/** Who was asked is in the refusal where a clause decided; a resource that is not agreed has none. */
function deciding({ code, clause }: Refusal, { resource }: Replayed): Pick<SimulatedChange, 'code' | 'term'> {
  const scope = code === 'resource_not_agreed' || code === 'action_not_agreed';
  return { code, term: clause ?? (scope ? `resource ${resource.owner}/${resource.id}` : null) };
}

/** A record does not say which action was used, so each that the right names is judged; a right is judged as a whole. */
function actionsOf({ what, right: { grant, delegations } }: Replayed): readonly LocalId[] {
  const last: Right = delegations.at(-1)?.document ?? grant;
  return what === 'grant' ? last.actions.slice(0, 1) : last.actions;
}

const LEAF = 'replayed' as Thumbprint;

function judge(use: Replayed, action: LocalId, { agreement, digest }: Version, held: HeldThen): Decision<unknown> {
  const { right, at, subject, resource, region } = use;
  const { grant, delegations, approvers } = right;
  const active = activate(agreement, Math.max(at, agreement.effectiveFrom));
  if (!active.allowed) return active;
  // Who said yes beforehand says it under the draft too: what a standing approval adds to the version in force is not judged twice.
  const cover = covered({ ...grant, standingApproval: undefined }, agreement, grant.requester, approvers, at);
  if (!cover.allowed) return cover;
  const above: [Right, ...Right[]] = [grant];
  for (const { document, approvers: yes } of delegations) {
    const inside = delegated(document, above, agreement, yes, at);
    if (!inside.allowed) return inside;
    above.push(document);
  }
  if (use.what === 'grant') return allow(true);
  const facts: ChainFacts = {
    ...{ agreement, agreementDigest: digest, grant, grantDigest: right.grantDigest, delegations, approvers },
    ...{ ...cover.value, subject, jkt: LEAF, keys: [], documents: [] },
  };
  const then = { acts: held.acts.filter(({ act }) => act.issuedAt <= at), annexes: held.annexes };
  const ask = { subject, leaf: LEAF, action, resource, session: null };
  const decision = decide(facts as VerifiedChain, ask, { ...then, verdicts: [], invalid: new Set() }, at);
  return decision.allowed && region !== null ? wayOf(agreement, action, resource, region) : decision;
}

function wayOf(agreement: Agreement, product: LocalId, resource: ResourceRef, region: LocalId): Decision<unknown> {
  const term = dataTerm(agreement, product, resource);
  const [key] = regionTerm(agreement, region)?.endpointKeys ?? [];
  return term ? route(agreement, term, region, key ?? LEAF) : allow(true);
}
