import { agreedAs } from '../agreement/agreed-as.js';
import { accessTerm, delegationTerm } from '../agreement/find-terms.js';
import { exceedsThirdParty } from '../agreement/third-party.js';
import { allow, type Decision, refuse } from '../decision.js';
import type { Agreement } from '../documents/agreement.js';
import type { Delegation, Right } from '../documents/right.js';
import type { Approvable } from '../documents/standing-approval.js';
import { actionWithin } from '../function/function-right.js';
import type { Instant } from '../instant.js';
import type { GrantId, OrganisationId } from '../names.js';
import { sameResource, sameSubject } from '../names.js';
import type { Approver } from './approver.js';
import { type CoverRefusal, yesFault } from './covered.js';

export type DelegateRefusal =
  | CoverRefusal
  | 'delegation_not_agreed'
  | 'delegator_not_subject'
  | 'delegate_not_agreed'
  | 'delegation_too_deep'
  | 'delegation_wider';

/**
 * Whether a delegation lies wholly inside what it hangs on (`above`, the grant first) and the owner's side approved it where the agreement asks.
 * That `delegation.parent` is the digest of the last of `above`, and the signatures of delegator and approvers, have been verified.
 * A delegate holds at most what the delegator holds: every part is compared with the parent alone, which is inside its own parent.
 */
export function delegated(
  delegation: Delegation,
  above: readonly [Right, ...Right[]],
  agreement: Agreement,
  approvers: readonly Approver[],
  now: Instant,
): Decision<{ subjectSide: OrganisationId }, DelegateRefusal> {
  const parent = above.at(-1) as Right;
  const delegator = { kind: 'person' as const, ...delegation.requester };
  if (!parent.subjects.some((subject) => sameSubject(subject, delegator))) return refuse('delegator_not_subject');
  const term = delegationTerm(agreement);
  // Only people hand on: what a machine or a flow may do was agreed for that machine or that recipient.
  const access = accessTerm(agreement, delegation.kind);
  const dormant = above.some((right) => right.typ === 'grant' && right.dormant !== undefined);
  if (!term || !access || dormant || delegation.kind !== 'remote-service') return refuse('delegation_not_agreed');
  const subjectSide = delegateFault(delegation, agreement, term.delegates);
  if (!subjectSide.allowed) return subjectSide;
  if (above.length > term.depth) return refuse('delegation_too_deep', { clause: term.type });
  // A guest of the agreement holds no more by being handed something than it was brought in for.
  if (exceedsThirdParty(delegation, agreement, subjectSide.value.subjectSide))
    return refuse('third_party_not_agreed', { clause: 'third-party' });
  const wider = widerPart(delegation, parent);
  if (wider) return refuse('delegation_wider', { clause: wider });
  const needed = delegation.resources.some((wanted) => {
    const agreed = agreedAs(agreement, wanted);
    return agreed.length === 0 || !agreed.every((one) => term.unapproved.includes(one.class));
  });
  const owner = delegation.resources[0]?.owner;
  if (!owner) return subjectSide;
  const asked = { approvals: needed ? access.approvals : null, clause: term.type };
  return yesFault(delegation, asked, agreement, owner, approvers, now) ?? subjectSide;
}

function delegateFault(
  { subjects, requester, resources }: Delegation,
  agreement: Agreement,
  allowed: readonly OrganisationId[],
): Decision<{ subjectSide: OrganisationId }, DelegateRefusal> {
  const subjectSide = subjects[0]?.organisation;
  const parties = agreement.parties.map((party) => party.organisation);
  if (!subjectSide || !parties.includes(subjectSide)) return refuse('not_a_party');
  if (!allowed.includes(subjectSide)) return refuse('delegate_not_agreed');
  const others = subjects.every(
    (one) =>
      one.kind === 'person' &&
      one.organisation === subjectSide &&
      !(one.organisation === requester.organisation && one.id === requester.id),
  );
  if (!others) return refuse('delegate_not_agreed');
  // The owner's own people need no right from a partner to reach what is theirs, and a partner cannot give it.
  if (resources.some(({ owner }) => owner === subjectSide) && !agreement.house) return refuse('same_side');
  return allow({ subjectSide });
}

/** The first part in which a delegation is not inside its parent; anything not provably narrower is wider. */
export function widerPart(delegation: Delegation, parent: Right): string | undefined {
  const same =
    delegation.agreementId === parent.agreementId &&
    delegation.agreement === parent.agreement &&
    delegation.kind === parent.kind &&
    delegation.purpose === parent.purpose &&
    delegation.ticket === parent.ticket;
  if (!same) return 'subject matter';
  const { resources, actions, windows } = delegation;
  const inside = resources.every((one) => parent.resources.some((other) => sameResource(one, other)));
  if (!inside || resources.length === 0) return 'resources';
  const lesser = actions.every((one) => parent.actions.some((granted) => actionWithin(one, granted)));
  if (!lesser || actions.length === 0) return 'actions';
  const spans = windows.every((span) => {
    return span.from < span.to && parent.windows.some(({ from, to }) => from <= span.from && span.to <= to);
  });
  if (!spans || windows.length === 0) return 'windows';
  const bound = usesOf(parent);
  return bound !== null && (delegation.uses === null || delegation.uses > bound) ? 'uses' : undefined;
}

/** How many sessions a right may open; null where only its windows bound it. */
export const usesOf = (right: Approvable): number | null =>
  right.typ === 'grant' ? (right.dormant?.uses ?? null) : right.uses;

/**
 * The first right of a chain that has no use left. A use of a delegation is a use of all it hangs on: otherwise two delegations of one
 * delegation would double it.
 */
export const usedUp = (rights: readonly Approvable[], used: (right: GrantId) => number): GrantId | undefined =>
  rights.find((right) => {
    const bound = usesOf(right);
    return bound !== null && used(right.id) >= bound;
  })?.id;
