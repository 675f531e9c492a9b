import { exceedsThirdParty } from '../agreement/third-party.js';
import { allow, type Decision, refuse } from '../decision.js';
import type { Agreement } from '../documents/agreement.js';
import type { StandingApproval } from '../documents/standing-approval.js';
import type { Instant } from '../instant.js';
import type { OrganisationId } from '../names.js';
import type { Approver } from './approver.js';
import { type CoverRefusal, demandsOn, scopeFault, yesFault } from './covered.js';

/** A yes that is given beforehand may count this long, in milliseconds (trust model, section 4). */
const LONGEST_STANDING = 90 * 86_400_000;

/**
 * Whether a standing approval lies wholly inside its agreement and as many of the owner's persons gave it as a grant of its kind needs. The signatures
 * behind `approvers` have been verified; they count as long as the agreement lets an approval count, and never beyond its one window.
 */
export function standingApproved(
  approval: StandingApproval,
  agreement: Agreement,
  approvers: readonly Approver[],
  now: Instant,
): Decision<{ owner: OrganisationId; subjectSide: OrganisationId }, CoverRefusal> {
  const sides = sidesOf(approval, agreement);
  if (!sides) return refuse('not_a_party');
  if (sides.owner === sides.subjectSide && !agreement.house) return refuse('same_side');
  if (exceedsThirdParty(longestUnder(approval), agreement, sides.subjectSide))
    return refuse('third_party_not_agreed', { clause: 'third-party' });
  // A flow runs as long as its grant, and nothing would be left to count.
  if (approval.kind === 'data-collection') return refuse('standing_too_wide', { clause: 'kind' });
  const scope = scopeFault(approval, agreement);
  if (scope) return refuse(scope);
  const demands = demandsOn(approval, agreement);
  if (!demands) return refuse('kind_not_agreed', { clause: approval.kind });
  const { clause } = demands;
  if (!demands.purposes.includes(approval.purpose)) return refuse('purpose_not_agreed', { clause });
  if (approval.longestWindowSeconds > demands.longestWindowSeconds) return refuse('window_too_long', { clause });
  const [window, ...others] = approval.windows;
  const end = window && Math.min(window.from, approval.issuedAt) + LONGEST_STANDING;
  if (!window || others.length > 0 || !(window.from < window.to) || window.to > (end ?? 0))
    return refuse('standing_too_wide', { clause: 'expiry' });
  if (window.from < agreement.effectiveFrom || window.to > agreement.endsAt)
    return refuse('window_outside_agreement', { clause });
  return yesFault(approval, demands, agreement, sides.owner, approvers, now) ?? allow(sides);
}

function sidesOf({ resources, subjects, requester }: StandingApproval, agreement: Agreement) {
  const parties = agreement.parties.map((party) => party.organisation);
  const [owner, subjectSide] = [resources[0]?.owner, subjects[0]?.organisation];
  if (!owner || !subjectSide || !parties.includes(owner) || !parties.includes(subjectSide)) return undefined;
  const whole =
    resources.every((one) => one.owner === owner) && subjects.every((one) => one.organisation === subjectSide);
  return whole && requester.organisation === owner ? { owner, subjectSide } : undefined;
}

/** The longest grant there may be under it: its own window is how long it stands, and nobody works that long. */
const longestUnder = ({ windows, longestWindowSeconds, ...rest }: StandingApproval) => ({
  ...rest,
  windows: windows.map(({ from }) => ({ from, to: from + longestWindowSeconds * 1000 })),
});
