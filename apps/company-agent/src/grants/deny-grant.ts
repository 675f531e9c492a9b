import { BrokerUnavailable } from '@interlock/company-side';
import { type Act, allow, type Decision, type GrantId, refuse } from '@interlock/domain';
import { type Cut, cut } from '../acts/cut.js';
import type { Agent } from '../agent.js';
import type { Session } from '../login/sessions.js';
import { mayApprove } from './approve-grant.js';
import { readGrant } from './read-grant.js';

export interface Denial {
  readonly id: GrantId;
  readonly reason: string;
  /** Why, and under which number of the own company: kept from the partner. */
  readonly internalReason?: string | undefined;
  readonly internalTicket?: string | undefined;
}

/** What a denial came to: nobody had said yes and the broker was told, or a yes was there and this is what takes it back. */
export interface Denied {
  readonly cut: Cut | undefined;
}

/**
 * A no of somebody who could say yes. After a yes of this company it is a signed revocation: the yes is on a document that others hold, and
 * a word to the broker would not reach it. Whether there was a yes, and whether it was taken back, this company knows itself: a broker that leaves
 * the signature out, or says that all is over, must not keep the yes.
 */
export async function denyGrant(
  agent: Agent,
  session: Session,
  { id, reason, ...internal }: Denial,
): Promise<Decision<Denied>> {
  const held = await readGrant(agent, id);
  if (!held.allowed) return held;
  const role = mayApprove(agent, session, held.value);
  if (!role.allowed) return role;
  const { status, approvers, agreement, digest } = held.value;
  const said = `${session.person.id}: ${reason}`;
  const revoked = agent.store.ownActs(agreement.id).some(({ act }) => takesBack(act.document, id));
  if (approvers.length === 0 && !agent.store.saidYesTo(digest)) {
    if (status !== 'asked') return refuse('illegal_transition');
    const told = await agent.broker.denyGrant(id, { reason: said, ...internal });
    return told.allowed ? allow({ cut: undefined }) : told;
  }
  if (revoked) return refuse('illegal_transition');
  const target = { kind: 'grant', id } as const;
  const taken = await cut(agent, { verb: 'revoke', agreementId: agreement.id, target, reason: said });
  if (!taken.allowed) return taken;
  if (status === 'asked')
    await agent.broker.denyGrant(id, { reason: said, ...internal }).catch((error: unknown) => {
      if (!(error instanceof BrokerUnavailable)) throw error;
    });
  return allow({ cut: taken.value });
}

const takesBack = ({ verb, target }: Act, id: GrantId): boolean =>
  verb === 'revoke' && target.kind === 'grant' && target.id === id;
