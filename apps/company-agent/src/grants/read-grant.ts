import {
  type Agreement,
  type Approvable,
  allow,
  covered,
  type Decision,
  type Grant,
  type GrantId,
  leftFor,
  type Purpose,
  refuse,
  type Signed,
} from '@interlock/domain';
import {
  asApprover,
  digestOf,
  type KeyRing,
  type KnownKey,
  type VerifiedSignature,
  verifyDocument,
  withoutRevoked,
} from '@interlock/proof';
import { heldActs } from '../acts/held-acts.js';
import type { Agent } from '../agent.js';
import { type InForce, inForce, learnPartners, partiesOf, refreshAgreements } from '../agreements/agreements.js';
import type { GrantView } from '../broker/broker-api.js';
import type { HeldGrant } from './held-grant.js';
import { holdDelegation } from './hold-delegation.js';
import { holdStandingApproval, standingAbove } from './hold-standing-approval.js';

/** Fetches a grant and verifies it down to the pins. Refused where anything in it does not hold, approvals still missing aside. */
export async function readGrant(agent: Agent, id: GrantId): Promise<Decision<HeldGrant>> {
  const view = await agent.broker.grant(id);
  if (!view.allowed) return view;
  if (view.value.grant.document.id !== id) return refuse('malformed', { clause: 'grant', detail: 'another grant' });
  return holdGrant(agent, view.value, view.value.status);
}

/** What is read, and what it hangs on. */
export interface GivenRight {
  readonly grant: Signed<Approvable>;
  readonly above?: readonly Signed<Approvable>[] | undefined;
}

/** Verifies one grant, delegation or standing approval under the agreement version that this company itself knows to be in force. */
export async function holdGrant(
  agent: Agent,
  { grant, above = [] }: GivenRight,
  status: GrantView['status'],
): Promise<Decision<HeldGrant>> {
  const claimed = grant.document;
  let known = inForce(agent, claimed.agreementId);
  if (known?.digest !== claimed.agreement) {
    await refreshAgreements(agent);
    known = inForce(agent, claimed.agreementId);
  }
  if (!known) return refuse('not_a_party');
  if (known.digest !== claimed.agreement) return refuse('grant_of_other_agreement');
  if (claimed.typ === 'delegation')
    return holdDelegation(agent, { document: claimed, signatures: grant.signatures }, above, known, status);
  if (claimed.typ === 'standing-approval')
    return holdStandingApproval(agent, { document: claimed, signatures: grant.signatures }, known, status);
  return holdOwnGrant(agent, { document: claimed, signatures: grant.signatures }, above, known, status);
}

async function holdOwnGrant(
  agent: Agent,
  grant: Signed<Grant>,
  above: readonly Signed<Approvable>[],
  known: InForce,
  status: GrantView['status'],
): Promise<Decision<HeldGrant>> {
  const claimed = grant.document;
  const agreement = known.agreement.document;
  const standing = await standingAbove(agent, above, known);
  if (!standing.allowed) return standing;
  const verified = await verifyAsked(agent, grant, agreement, standing.value !== undefined);
  if (!verified.allowed) return verified;
  const { ring, signatures } = verified.value;
  const requester = signatures.find(({ signer }) => signer.purposes.includes('grant') && holds(signer, claimed));
  if (!requester) return refuse('requester_unknown');
  const own = signatures.filter((one) => one !== requester).flatMap(asApprover);
  const approvers = standing.value?.approvers ?? own;
  const cover = covered(claimed, agreement, claimed.requester, approvers, agent.now(), standing.value);
  if (!cover.allowed && cover.refusal.code !== 'approvals_missing') return cover;
  const right = { agreement, agreementDigest: known.digest, grant: claimed, delegations: [], approvers };
  const left = leftFor(right, heldActs(agent, agreement));
  if (!left.allowed && left.refusal.code !== 'approvals_missing') return left;
  const [owner, subjectSide] = [claimed.resources[0]?.owner, claimed.subjects[0]?.organisation];
  if (!owner || !subjectSide) return refuse('malformed', { clause: 'grant' });
  const digest = digestOf(claimed);
  const sides = { owner, subjectSide, approvers, complete: cover.allowed && left.allowed };
  const held = { id: claimed.id, grant, above, digest, agreement, agreementDigest: known.digest, ring, status };
  return allow({ ...held, ...sides });
}

/** The signatures of one grant: the requester's, and the owner's as far as they are there and did not come beforehand. Nothing else may ride along. */
async function verifyAsked(
  agent: Agent,
  grant: Signed<Grant>,
  agreement: Agreement,
  beforehand: boolean,
): Promise<Decision<{ ring: KeyRing; signatures: readonly VerifiedSignature[] }>> {
  const owner = grant.document.resources[0]?.owner;
  if (!owner) return refuse('malformed', { clause: 'grant' });
  const asked = { issuer: grant.document.requester.organisation, purpose: 'grant' as Purpose };
  const approved = { issuer: owner, purpose: 'approve' as Purpose };
  const verify = async () => {
    const known = await agent.partners.ring(partiesOf(agreement), agent.now());
    if (!known.allowed) return known;
    const ring = withoutRevoked(known.value, heldActs(agent, agreement));
    const stale = [...ring.entities.values()].find(({ document }) => agent.now() >= document.expiresAt);
    if (stale) return refuse('entity_expired', { clause: stale.document.organisation });
    const both = await verifyDocument('grant', grant, ring, beforehand ? [asked] : [asked, approved], agent.now());
    const onlyAsked = !both.allowed && both.refusal.code === 'signature_missing';
    const verified = onlyAsked ? await verifyDocument('grant', grant, ring, [asked], agent.now()) : both;
    return verified.allowed ? allow({ ring, signatures: verified.value.signers }) : verified;
  };
  const first = await verify();
  if (first.allowed || first.refusal.code !== 'unknown_key') return first;
  // The key may be newer than what this agent last fetched of the partner.
  await learnPartners(agent, partiesOf(agreement));
  return verify();
}

const holds = (key: KnownKey, { requester }: Grant): boolean =>
  key.organisation === requester.organisation && key.holder?.id === requester.id;
