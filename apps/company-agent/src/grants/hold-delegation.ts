import {
  type Approvable,
  allow,
  type Decision,
  type Delegation,
  type Grant,
  leftFor,
  refuse,
  type Signed,
  type StandingApproval,
  takenAwayBy,
} from '@interlock/domain';
import { readDelegation, verifyRight, withoutRevoked } from '@interlock/proof';
import { heldActs } from '../acts/held-acts.js';
import type { Agent } from '../agent.js';
import { type InForce, learnPartners, partiesOf } from '../agreements/agreements.js';
import type { GrantView } from '../broker/broker-api.js';
import type { HeldGrant } from './held-grant.js';

/**
 * Verifies a delegation under everything it hangs on, which is verified whole first. What was taken away is no longer handed on, whatever
 * the broker says of it.
 */
export async function holdDelegation(
  agent: Agent,
  grant: Signed<Delegation>,
  above: readonly Signed<Approvable>[],
  known: InForce,
  status: GrantView['status'],
): Promise<Decision<HeldGrant>> {
  const agreement = known.agreement.document;
  const documents = documentsOf(above);
  if (!documents) return refuse('delegation_dangling', { clause: 'parent' });
  const read = async () => {
    const chain = { ...agent.partners.documents(partiesOf(agreement)), agreement: known.agreement, ...documents };
    const right = await verifyRight(chain, agent.company().pins, agent.now());
    if (!right.allowed) return right;
    const acts = heldActs(agent, agreement);
    const subject = { kind: 'person' as const, ...grant.document.requester };
    const act = takenAwayBy(acts, { ...right.value, subject, session: null }, agent.now());
    if (act) return refuse('taken_away', { clause: 'parent' });
    const ring = withoutRevoked(right.value.ring, acts);
    const given = { document: grant.document, signatures: [...grant.signatures] };
    const handed = await readDelegation(given, { ...right.value, ring }, agent.now());
    if (!handed.allowed) return handed;
    const delegations = [...right.value.delegations, handed.value];
    const left = leftFor({ ...right.value, delegations }, acts);
    return left.allowed ? allow({ ...handed.value, ring, owner: right.value.owner }) : left;
  };
  let handed = await read();
  if (!handed.allowed && ['unknown_key', 'wrong_purpose'].includes(handed.refusal.code)) {
    // The key may be newer than what this agent last fetched of the partner.
    await learnPartners(agent, partiesOf(agreement));
    handed = await read();
  }
  if (!handed.allowed) return handed;
  const { document, digest, ring, owner, subjectSide, approvers, complete } = handed.value;
  const held = { id: document.id, grant, above, digest, agreement, agreementDigest: known.digest, ring, status };
  return allow({ ...held, owner, subjectSide, approvers, complete });
}

/** A chain's grant with what it rests on and its delegations, outermost first; undefined where there is no grant. */
export function documentsOf(rights: readonly Signed<Approvable>[]) {
  const standing = rights.find((one): one is Signed<StandingApproval> => one.document.typ === 'standing-approval');
  const grant = rights.find((one): one is Signed<Grant> => one.document.typ === 'grant');
  const delegations = rights.filter((one): one is Signed<Delegation> => one.document.typ === 'delegation');
  return (
    grant && { grant, ...(standing && { standingApproval: standing }), ...(delegations.length > 0 && { delegations }) }
  );
}
