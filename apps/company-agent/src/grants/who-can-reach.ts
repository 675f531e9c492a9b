import {
  type Approvable,
  allow,
  type Decision,
  type Delegation,
  type Grant,
  type GrantId,
  type Instant,
  type LocalId,
  type Reach,
  type ResourceRef,
  type StandingApproval,
  sameResource,
  whoCanReach,
  within,
} from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { heldActs } from '../acts/held-acts.js';
import type { Agent } from '../agent.js';
import type { HeldGrant } from './held-grant.js';
import { holdGrant } from './read-grant.js';

/** Who could be let in to a resource, and which rights that claim to reach it do not count, with the reason. */
export interface Reached {
  readonly reach: readonly (Reach & { readonly approvers: readonly LocalId[] })[];
  readonly notCounted: readonly { readonly right: GrantId; readonly code: string }[];
}

/**
 * Answers from what this agent verifies now, under the agreement version in force now: a right that does not verify any more is named,
 * not left out. What the broker withholds is not here; what it invents does not verify.
 */
export async function reachOf(agent: Agent, resource: ResourceRef, at: Instant): Promise<Decision<Reached>> {
  const listed = await agent.broker.grants();
  if (!listed.allowed) return listed;
  const reach: Reached['reach'][number][] = [];
  const notCounted: Reached['notCounted'][number][] = [];
  for (const view of listed.value.grants.filter(({ grant }) => claims(grant.document, resource, at))) {
    const held = await holdGrant(agent, view, view.status);
    if (held.allowed && held.value.complete) reach.push(...reachByOne(agent, held.value, resource, at));
    else
      notCounted.push({
        right: view.grant.document.id,
        code: held.allowed ? 'approvals_missing' : held.refusal.code,
      });
  }
  return allow({ reach, notCounted });
}

const claims = ({ typ, resources, windows }: Approvable, resource: ResourceRef, at: Instant): boolean =>
  typ !== 'standing-approval' &&
  resources.some((one) => sameResource(one, resource)) &&
  within(windows, at) !== undefined;

function reachByOne(agent: Agent, held: HeldGrant, resource: ResourceRef, at: Instant): Reached['reach'] {
  const rights = [...held.above, held.grant].map(({ document }) => document);
  const grant = rights.find((one): one is Grant => one.typ === 'grant');
  if (!grant) return [];
  const standing = rights.find((one): one is StandingApproval => one.typ === 'standing-approval');
  const { agreement } = held;
  const delegations = rights
    .filter((one): one is Delegation => one.typ === 'delegation')
    .map((document) => ({ document, digest: digestOf(document) }));
  const { agreementDigest, approvers: approving } = held;
  const right = {
    agreement,
    agreementDigest,
    approvers: approving,
    grant,
    delegations,
    ...(standing && { standingApproval: { document: standing, digest: digestOf(standing) } }),
    acts: heldActs(agent, agreement),
  };
  const approvers = approving.map(({ id }) => id);
  return whoCanReach(resource, [right], at).map((one) => ({ ...one, approvers }));
}
