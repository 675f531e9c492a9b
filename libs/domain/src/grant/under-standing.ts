import { type Decision, refuse } from '../decision.js';
import type { Grant } from '../documents/right.js';
import type { StandingApproval } from '../documents/standing-approval.js';
import { actionWithin } from '../function/function-right.js';
import { type LocalId, sameResource, sameSubject, type Thumbprint } from '../names.js';
import type { HeldStandingApproval } from '../verified-chain.js';

export type StandingRefusal = 'standing_dangling' | 'standing_exceeded' | 'standing_too_wide';

/** Why a grant may not rest on this standing approval, or on none. Undefined where it may. */
export function beyondStanding(
  grant: Grant,
  standing: HeldStandingApproval | undefined,
): Decision<never, StandingRefusal> | undefined {
  if (grant.standingApproval !== standing?.digest) return refuse('standing_dangling', { clause: 'standingApproval' });
  const part = standing && partBeyond(grant, standing.document);
  return part === undefined ? undefined : refuse('standing_exceeded', { clause: part });
}

/** The first part in which a grant is not inside a standing approval; anything not provably inside is beyond. */
function partBeyond(grant: Grant, approval: StandingApproval): string | undefined {
  if (grant.agreementId !== approval.agreementId || grant.agreement !== approval.agreement) return 'agreement';
  if (grant.kind !== approval.kind) return 'kind';
  if (grant.purpose !== approval.purpose) return 'purpose';
  // Its approver would be whoever its keys name, and its uses would be counted twice.
  if (grant.dormant) return 'dormant';
  // Nobody of the owner would have expanded its rule again.
  if (grant.recurrence) return 'recurrence';
  if (!grant.subjects.every((one) => approval.subjects.some((other) => sameSubject(one, other)))) return 'subjects';
  if (!grant.resources.every((one) => approval.resources.some((other) => sameResource(one, other)))) return 'resources';
  if (!grant.actions.every((one) => approval.actions.some((given) => actionWithin(one, given)))) return 'actions';
  const { resources, subjects } = approval.memberLists ?? {};
  const { memberLists } = grant;
  if ((resources ?? memberLists?.resources) !== memberLists?.resources) return 'memberLists';
  if ((subjects ?? memberLists?.subjects) !== memberLists?.subjects) return 'memberLists';
  const spans = grant.windows.every((span) =>
    approval.windows.some(({ from, to }) => from <= span.from && span.to <= to),
  );
  if (!spans) return 'expiry';
  const longest = approval.longestWindowSeconds * 1000;
  return grant.windows.every(({ from, to }) => to - from <= longest) ? undefined : 'windows';
}

/**
 * Whether the uses of a chain are counted elsewhere: by another gateway, or by another key of this one, whose disk knows of other uses. What two
 * gateways counted, each by itself, could be used twice.
 */
export const countedElsewhere = (
  { standingApproval }: { readonly standingApproval?: HeldStandingApproval | undefined },
  self: { readonly id: LocalId; readonly key: Thumbprint },
): boolean => {
  const counts = standingApproval?.document.gateway;
  return counts !== undefined && (counts.id !== self.id || counts.key !== self.key);
};
