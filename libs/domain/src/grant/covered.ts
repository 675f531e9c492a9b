import { agreedAs } from '../agreement/agreed-as.js';
import { accessTerm, dataTerm } from '../agreement/find-terms.js';
import { tooFewForClass } from '../agreement/resource-class.js';
import { exceedsThirdParty } from '../agreement/third-party.js';
import { allow, type Decision, refuse } from '../decision.js';
import type { Agreement, ApprovalRule, TimeLimitsTerm } from '../documents/agreement.js';
import type { Grant } from '../documents/right.js';
import type { Approvable } from '../documents/standing-approval.js';
import { actionWithin } from '../function/function-right.js';
import { type Instant, within } from '../instant.js';
import type { LocalId, OrganisationId } from '../names.js';
import type { HeldStandingApproval } from '../verified-chain.js';
import type { Approver, Requester } from './approver.js';
import { withDeputies } from './deputies.js';
import { type DormantRefusal, dormantFault } from './dormant.js';
import { strayWindows } from './recurrence.js';
import { bookedTooEarly, stillCounting, timeLimits } from './time-limits.js';
import { beyondStanding, type StandingRefusal } from './under-standing.js';

export type CoverRefusal =
  | 'not_a_party'
  | 'same_side'
  | 'third_party_not_agreed'
  | 'resource_not_agreed'
  | 'action_not_agreed'
  | 'recipient_not_agreed'
  | 'kind_not_agreed'
  | 'purpose_not_agreed'
  | 'ticket_missing'
  | DormantRefusal
  | 'window_too_long'
  | 'window_outside_agreement'
  | 'recurrence_differs'
  | StandingRefusal
  | 'booked_too_early'
  | 'approvals_missing'
  | 'approval_lapsed'
  | 'approval_out_of_hours'
  | 'approver_is_party_to_request';

/** What one kind of grant demands, read from the term that governs it. */
export interface Demands {
  readonly clause: string;
  readonly approvals: readonly ApprovalRule[];
  readonly purposes: readonly LocalId[];
  readonly ticketPattern: string | null;
  readonly longestWindowSeconds: number;
}

/**
 * Whether a grant lies wholly inside its agreement and the owner's side approved it as agreed.
 * The signatures behind `requester` and `approvers` have been verified; this rule looks at what they said.
 * `now` is when something is asked for, approved or opened by it: an approval counts for as long as the agreement says.
 * Who asked is checked before anything about the agreement decides, so that a refusal teaches a stranger nothing. Of a grant under a standing approval,
 * which has been verified by itself, the approvers are those of that one.
 */
export function covered(
  grant: Grant,
  agreement: Agreement,
  requester: Requester,
  approvers: readonly Approver[],
  now: Instant,
  standing?: HeldStandingApproval,
): Decision<{ owner: OrganisationId; subjectSide: OrganisationId }, CoverRefusal> {
  const sides = sidesOf(grant, agreement, requester);
  if (!sides.allowed) return sides;
  const beyond = beyondStanding(grant, standing);
  if (beyond) return beyond;
  if (exceedsThirdParty(grant, agreement, sides.value.subjectSide))
    return refuse('third_party_not_agreed', { clause: 'third-party' });
  const scope = scopeFault(grant, agreement);
  if (scope) return refuse(scope);
  const demands = demandsOn(grant, agreement);
  if (!demands) return refuse('kind_not_agreed', { clause: grant.kind });
  const asked = askFault(grant, agreement, demands);
  if (asked) return refuse(asked, { clause: demands.clause });
  if (strayWindows(grant)) return refuse('recurrence_differs', { clause: 'recurrence' });
  const limits = timeLimits(agreement, grant.kind);
  if (bookedTooEarly(grant, limits, now)) return refuse('booked_too_early', { clause: clauseOfLimits(limits) });
  const fault = yesFault(grant, demands, agreement, sides.value.owner, approvers, now);
  return fault ?? sides;
}

/**
 * What is missing of the owner's yes to a right: the persons that its clause (none where that asks for nobody) and the class of its resources
 * ask for, as long as the agreement lets their approvals count.
 */
export function yesFault(
  right: Approvable,
  { approvals, clause }: { readonly approvals: readonly ApprovalRule[] | null; readonly clause: string },
  agreement: Agreement,
  owner: OrganisationId,
  approvers: readonly Approver[],
  now: Instant,
): Decision<never, CoverRefusal> | undefined {
  const limits = timeLimits(agreement, right.kind);
  const missing = (yes: readonly Approver[]): Decision<never, CoverRefusal> | undefined => {
    // Whoever proposes a standing approval is one of those who give it.
    const asker = right.typ === 'standing-approval' ? null : right.requester;
    const approval = approvalFault(right, approvals, owner, asker, withDeputies(yes, right, asker));
    if (approval) return refuse(approval, { clause });
    const cls = tooFewForClass(right.resources, agreement, owner, yes);
    return cls ? refuse('approvals_missing', { clause: `resource-class ${cls}` }) : undefined;
  };
  const fault = missing(approvers);
  if (fault || !missing(stillCounting(approvers, limits, now))) return fault;
  return refuse('approval_lapsed', { clause: clauseOfLimits(limits) });
}

const clauseOfLimits = (term: TimeLimitsTerm | undefined): string => `time-limits ${term?.kind ?? ''}`.trim();

function sidesOf(
  grant: Grant,
  agreement: Agreement,
  requester: Requester,
): Decision<{ owner: OrganisationId; subjectSide: OrganisationId }, CoverRefusal> {
  const parties = agreement.parties.map((party) => party.organisation);
  const owner = grant.resources[0]?.owner;
  const subjectSide = grant.subjects[0]?.organisation;
  if (!owner || !subjectSide || !parties.includes(owner) || !parties.includes(subjectSide))
    return refuse('not_a_party');
  const mixed =
    grant.resources.some((resource) => resource.owner !== owner) ||
    grant.subjects.some((subject) => subject.organisation !== subjectSide);
  if (mixed || requester.organisation !== subjectSide) return refuse('not_a_party');
  const asker = grant.requester;
  if (asker.organisation !== requester.organisation || asker.id !== requester.id) return refuse('not_a_party');
  // An agreement of one company with itself must never reach a second company's machines.
  if (owner === subjectSide && !agreement.house) return refuse('same_side');
  return allow({ owner, subjectSide });
}

/** What of a right's resources and actions the agreement does not name. */
export function scopeFault(
  grant: Pick<Grant, 'kind' | 'resources' | 'actions' | 'subjects'>,
  agreement: Agreement,
): CoverRefusal | undefined {
  for (const wanted of grant.resources) {
    const agreed = agreedAs(agreement, wanted);
    if (agreed.length === 0) return 'resource_not_agreed';
    const services = agreed.flatMap((one) => one.services);
    const known =
      grant.kind === 'data-collection'
        ? grant.actions.every((product) => dataTerm(agreement, product, wanted))
        : grant.actions.every((action) => services.some((service) => actionWithin(action, service)));
    if (!known || grant.actions.length === 0) return 'action_not_agreed';
    const [product, opener] = [grant.actions[0], grant.subjects[0]?.organisation];
    const data = grant.kind === 'data-collection' && product ? dataTerm(agreement, product, wanted) : undefined;
    // Who opens data is the subject of its flow: a right to what is sealed for others is none.
    if (data && opener && !data.recipients.includes(opener)) return 'recipient_not_agreed';
  }
  return undefined;
}

/** What the clause of its kind asks of a right. */
export function demandsOn(
  grant: Pick<Grant, 'kind' | 'resources' | 'actions'>,
  agreement: Agreement,
): Demands | undefined {
  if (grant.kind !== 'data-collection') {
    const term = accessTerm(agreement, grant.kind);
    return term && { ...term, clause: term.type };
  }
  const [product, resource] = [grant.actions[0], grant.resources[0]];
  // One grant, one product of one resource: otherwise two terms would govern the same grant.
  if (!product || !resource || grant.actions.length > 1 || grant.resources.length > 1) return undefined;
  const term = dataTerm(agreement, product, resource);
  return term && { ...term, clause: term.type, ticketPattern: null };
}

function askFault(grant: Grant, agreement: Agreement, demands: Demands): CoverRefusal | undefined {
  if (!demands.purposes.includes(grant.purpose)) return 'purpose_not_agreed';
  if (demands.ticketPattern !== null) {
    // The pattern comes from a document that both companies signed, never from the one who asks.
    const matches = grant.ticket !== null && new RegExp(`^(?:${demands.ticketPattern})$`, 'u').test(grant.ticket);
    if (!matches) return 'ticket_missing';
  }
  const dormant = dormantFault(grant, agreement, demands.longestWindowSeconds);
  if (dormant) return dormant;
  if (grant.windows.length === 0) return 'window_too_long';
  for (const span of grant.windows) {
    // Of a dormant grant the window is how long it waits; how long a use lasts was looked at above.
    const tooLong = !grant.dormant && span.to - span.from > demands.longestWindowSeconds * 1000;
    if (!(span.from < span.to) || tooLong) return 'window_too_long';
    if (span.from < agreement.effectiveFrom || span.to > agreement.endsAt) return 'window_outside_agreement';
  }
  return undefined;
}

/**
 * Whether the owner's side approved as the rules ask (null where they ask for nobody), and nobody did who is party to the request or may say no yes at
 * that time: the class of a resource counts these persons too.
 */
export function approvalFault(
  grant: Pick<Grant, 'subjects'>,
  rules: readonly ApprovalRule[] | null,
  owner: OrganisationId,
  requester: Requester | null,
  approvers: readonly Approver[],
): CoverRefusal | undefined {
  const ofOwner = approvers.filter((approver) => approver.organisation === owner && !approver.guest);
  const involved = (approver: Approver) =>
    (approver.organisation === requester?.organisation && approver.id === requester.id) ||
    grant.subjects.some((subject) => subject.organisation === approver.organisation && subject.id === approver.id);
  if (ofOwner.some(involved)) return 'approver_is_party_to_request';
  // One that does not count makes the whole right unacceptable: left in, it would be read as a yes that was given.
  if (ofOwner.some(outOfHours)) return 'approval_out_of_hours';
  if (rules === null) return undefined;
  const persons = new Map(ofOwner.map((approver) => [approver.id, approver]));
  return rules.length > 0 && canStaff(rules, [...persons.values()]) ? undefined : 'approvals_missing';
}

/** Whether a yes was given at a time at which this person may give none. */
export const outOfHours = ({ hours, signedAt }: Pick<Approver, 'hours' | 'signedAt'>): boolean =>
  hours !== null && !within(hours, signedAt);

/**
 * Whether distinct persons can fill every seat of every group. Groups are joined by AND and one person fills one
 * seat only, so somebody in two groups does not count twice. A bipartite matching by augmenting paths: trying every
 * order would let a long list of approvers stop whoever has to check it.
 */
function canStaff(rules: readonly ApprovalRule[], persons: readonly Approver[]): boolean {
  const seats = rules.flatMap((rule) => Array.from({ length: rule.persons }, () => rule.group));
  const seated = new Map<number, Approver>();
  const sit = (seat: number, asked: Set<Approver>): boolean =>
    persons.some((person) => {
      if (asked.has(person) || !person.groups.includes(seats[seat] as LocalId)) return false;
      asked.add(person);
      const other = [...seated].find(([, sitting]) => sitting === person)?.[0];
      if (other !== undefined && !sit(other, asked)) return false;
      seated.set(seat, person);
      return true;
    });
  return seats.length > 0 && seats.length <= persons.length && seats.every((_, seat) => sit(seat, new Set()));
}
