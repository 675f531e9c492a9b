import {
  type Agreement,
  type Approver,
  allow,
  covered,
  type Decision,
  type Digest,
  type Grant,
  type GrantId,
  type OrganisationId,
  type Purpose,
  refuse,
  type Signed,
} from '@interlock/domain';
import { digestOf, type KeyRing, type KnownKey, verifyDocument, withoutRevoked } from '@interlock/proof';
import { heldActs } from '../acts/held-acts.js';
import type { Agent } from '../agent.js';
import { inForce, learnPartners, partiesOf, refreshAgreements } from '../agreements/agreements.js';
import type { GrantView } from '../broker/broker-api.js';

/** A grant as this agent holds it: fetched, hashed and verified here. `status` alone is the broker's word. */
export interface HeldGrant {
  readonly id: GrantId;
  readonly grant: Signed<Grant>;
  readonly digest: Digest;
  readonly agreement: Agreement;
  readonly agreementDigest: Digest;
  readonly ring: KeyRing;
  readonly owner: OrganisationId;
  readonly subjectSide: OrganisationId;
  readonly approvers: readonly Approver[];
  /** Whether the owner's side has signed as the agreement asks. */
  readonly complete: boolean;
  readonly status: GrantView['status'];
}

/** Fetches a grant and verifies it down to the pins. Refused where anything in it does not hold, approvals still missing aside. */
export async function readGrant(agent: Agent, id: GrantId): Promise<Decision<HeldGrant>> {
  const view = await agent.broker.grant(id);
  if (!view.allowed) return view;
  if (view.value.grant.document.id !== id) return refuse('malformed', { clause: 'grant', detail: 'another grant' });
  return holdGrant(agent, view.value.grant, view.value.status);
}

/** Verifies one grant under the agreement version that this company itself knows to be in force. */
export async function holdGrant(
  agent: Agent,
  grant: Signed<Grant>,
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
  const agreement = known.agreement.document;
  const verified = await verifyAsked(agent, grant, agreement);
  if (!verified.allowed) return verified;
  const { ring, signers } = verified.value;
  const requester = signers.find((key) => key.purposes.includes('grant') && holds(key, claimed));
  if (!requester) return refuse('requester_unknown');
  const approvers = signers.filter((key) => key !== requester).flatMap(asApprover);
  const cover = covered(claimed, agreement, claimed.requester, approvers);
  if (!cover.allowed && cover.refusal.code !== 'approvals_missing') return cover;
  const [owner, subjectSide] = [claimed.resources[0]?.owner, claimed.subjects[0]?.organisation];
  if (!owner || !subjectSide) return refuse('malformed', { clause: 'grant' });
  const digest = digestOf(claimed);
  const sides = { owner, subjectSide, approvers, complete: cover.allowed };
  return allow({ id: claimed.id, grant, digest, agreement, agreementDigest: known.digest, ring, status, ...sides });
}

/** The signatures of one grant: the requester's, and the owner's as far as they are there. Nothing else may ride along. */
async function verifyAsked(
  agent: Agent,
  grant: Signed<Grant>,
  agreement: Agreement,
): Promise<Decision<{ ring: KeyRing; signers: readonly KnownKey[] }>> {
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
    const both = await verifyDocument('grant', grant, ring, [asked, approved], agent.now());
    const onlyAsked = !both.allowed && both.refusal.code === 'signature_missing';
    const verified = onlyAsked ? await verifyDocument('grant', grant, ring, [asked], agent.now()) : both;
    return verified.allowed ? allow({ ring, signers: verified.value.signers.map((one) => one.signer) }) : verified;
  };
  const first = await verify();
  if (first.allowed || first.refusal.code !== 'unknown_key') return first;
  // The key may be newer than what this agent last fetched of the partner.
  await learnPartners(agent, partiesOf(agreement));
  return verify();
}

const holds = (key: KnownKey, { requester }: Grant): boolean =>
  key.organisation === requester.organisation && key.holder?.id === requester.id;

/** Only a person approves: an agent, a machine or an unheld key with that purpose counts for nobody. */
const asApprover = (key: KnownKey): Approver[] =>
  key.purposes.includes('approve') && key.holder?.kind === 'person'
    ? [{ organisation: key.organisation, id: key.holder.id, groups: key.groups, guest: key.guest }]
    : [];
