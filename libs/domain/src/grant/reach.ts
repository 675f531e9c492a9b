import { narrowedFault, narrowedVersions } from '../act/narrowing.js';
import { type HeldAct, takenAwayBy } from '../act/standing.js';
import { activate } from '../agreement/activate.js';
import { windowAt } from '../decide.js';
import type { Agreement, GrantKind } from '../documents/agreement.js';
import type { Grant, Right } from '../documents/right.js';
import type { Approvable } from '../documents/standing-approval.js';
import type { Instant, Interval } from '../instant.js';
import { type Digest, type GrantId, type LocalId, type ResourceRef, type SubjectRef, sameResource } from '../names.js';
import type { HeldDelegation, HeldStandingApproval } from '../verified-chain.js';
import type { CountedApprover } from './approver.js';

/** A right whose signatures have been verified and are complete, with all it hangs on. */
export interface CompleteRight {
  readonly agreement: Agreement;
  readonly agreementDigest: Digest;
  readonly approvers: readonly CountedApprover[];
  readonly grant: Grant;
  /** From the grant to who acts; empty where the grant names the subjects itself. */
  readonly delegations: readonly HeldDelegation[];
  readonly standingApproval?: HeldStandingApproval | undefined;
}

/** One subject that may act on a resource, and by which right. */
export interface Reach {
  readonly subject: SubjectRef;
  readonly right: GrantId;
  readonly kind: GrantKind;
  readonly actions: readonly LocalId[];
  /** The time around the instant that every right of the chain leaves open. */
  readonly window: Interval;
  /** The grant and every delegation under it, outermost first, each with who asked for it or handed it on. */
  readonly chain: readonly Pick<Approvable, 'typ' | 'id' | 'requester'>[];
}

/**
 * Every subject that could be let in to a resource at `at`, as far as signatures, windows and the acts issued by then say. A signal, a
 * verdict or a paper beside the agreement can only take more away, so nobody who is missing here gets in.
 */
export const whoCanReach = (
  resource: ResourceRef,
  held: readonly (CompleteRight & { readonly acts: readonly HeldAct[] })[],
  at: Instant,
): readonly Reach[] => held.flatMap((one) => reachOf(resource, one, at));

function reachOf(
  resource: ResourceRef,
  right: CompleteRight & { readonly acts: readonly HeldAct[] },
  at: Instant,
): readonly Reach[] {
  const { agreement, grant, delegations, standingApproval, approvers, acts } = right;
  const rights: readonly Right[] = [grant, ...delegations.map(({ document }) => document)];
  const named = rights.every(({ resources }) => resources.some((one) => sameResource(one, resource)));
  // A window may begin before anybody asked for it: nothing could be done with it until then.
  const asked = rights.every(({ issuedAt }) => issuedAt <= at);
  const window = windowAt(rights, at);
  const last = rights.at(-1);
  if (!named || !asked || !window || !last || !activate(agreement, at).allowed) return [];
  const issued = acts.filter(({ act }) => act.issuedAt <= at);
  const versions = narrowedVersions(agreement, right.agreementDigest, issued);
  const actions = last.actions.filter((action) => {
    const part = { resources: [resource], actions: [action], windows: [window] };
    return versions.every((one) => narrowedFault(right, part, one.agreement) === undefined);
  });
  if (actions.length === 0) return [];
  const given = standingApproval ? [standingApproval.document, ...rights] : rights;
  const chain = given.map(({ typ, id, requester }) => ({ typ, id, requester }));
  return last.subjects.flatMap((subject) => {
    const by = { grant, delegations, standingApproval, approvers };
    const use = { ...by, agreement, subject, session: null, resource, keys: [] };
    return takenAwayBy(issued, use, at) ? [] : [{ subject, right: last.id, kind: last.kind, actions, window, chain }];
  });
}
