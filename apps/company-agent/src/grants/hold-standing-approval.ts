import { type Approvable, allow, type Decision, refuse, type Signed, type StandingApproval } from '@interlock/domain';
import {
  type GivenBeforehand,
  type KeyRing,
  NOTHING_PROVEN,
  readStandingApproval,
  withoutRevoked,
} from '@interlock/proof';
import { heldActs } from '../acts/held-acts.js';
import type { Agent } from '../agent.js';
import { type InForce, learnPartners, partiesOf } from '../agreements/agreements.js';
import type { GrantView } from '../broker/broker-api.js';
import type { HeldGrant } from './held-grant.js';

/** Verifies what the owner says yes to beforehand, as far as it is signed. */
export async function holdStandingApproval(
  agent: Agent,
  grant: Signed<StandingApproval>,
  known: InForce,
  status: GrantView['status'],
): Promise<Decision<HeldGrant>> {
  const read = await readIt(agent, grant, known);
  if (!read.allowed) return read;
  const { ring, given } = read.value;
  const { document, digest, owner, subjectSide, approvers, complete } = given;
  const agreement = known.agreement.document;
  const held = { id: document.id, grant, above: [], digest, agreement, agreementDigest: known.digest, ring, status };
  return allow({ ...held, owner, subjectSide, approvers, complete });
}

/** The standing approval that a grant rests on, complete and not taken back; undefined where there is none among what it hangs on. */
export async function standingAbove(
  agent: Agent,
  above: readonly Signed<Approvable>[],
  known: InForce,
): Promise<Decision<GivenBeforehand | undefined>> {
  const found = above.find((one): one is Signed<StandingApproval> => one.document.typ === 'standing-approval');
  if (!found) return allow(undefined);
  const read = await readIt(agent, found, known);
  if (!read.allowed) return read;
  const { given } = read.value;
  if (!given.complete) return refuse('approvals_missing', { clause: 'standing-approval' });
  const taken = heldActs(agent, known.agreement.document).some(
    ({ act: { verb, target } }) => verb === 'revoke' && target.kind === 'grant' && target.id === given.document.id,
  );
  return taken ? refuse('taken_away', { clause: 'standing-approval' }) : allow(given);
}

async function readIt(
  agent: Agent,
  { document, signatures }: Signed<StandingApproval>,
  known: InForce,
): Promise<Decision<{ ring: KeyRing; given: GivenBeforehand }>> {
  const agreement = known.agreement.document;
  const read = async () => {
    const ring = await agent.partners.ring(partiesOf(agreement), agent.now());
    if (!ring.allowed) return ring;
    const counting = withoutRevoked(ring.value, heldActs(agent, agreement));
    const under = { document: agreement, digest: known.digest };
    const input = { document, signatures: [...signatures] };
    const given = await readStandingApproval(input, under, counting, agent.now(), NOTHING_PROVEN);
    return given.allowed ? allow({ ring: counting, given: given.value }) : given;
  };
  const first = await read();
  if (first.allowed || first.refusal.code !== 'unknown_key') return first;
  // The key may be newer than what this agent last fetched of the partner.
  await learnPartners(agent, partiesOf(agreement));
  return read();
}
