import { delegation as delegationSchema } from '@interlock/contracts';
import {
  type Decision,
  type Delegation,
  type Digest,
  type GrantId,
  type Interval,
  type LocalId,
  type ResourceRef,
  type Right,
  refuse,
  type SubjectRef,
} from '@interlock/domain';
import { signed } from '@interlock/proof';
import type { Agent } from '../agent.js';
import type { Attempts } from '../login/attempts.js';
import type { Session } from '../login/sessions.js';
import type { HeldGrant } from './held-grant.js';
import { noteAndAsk } from './note-and-ask.js';
import { openKeyOf } from './person-key.js';
import { holdGrant, readGrant } from './read-grant.js';

/** Who is to have it, and what of it; what is left out is handed on as it is. */
export interface DelegationWish {
  readonly delegates: readonly SubjectRef[];
  readonly resources?: readonly ResourceRef[] | undefined;
  readonly actions?: readonly LocalId[] | undefined;
  readonly windows?: readonly Interval[] | undefined;
  readonly uses?: number | null | undefined;
  readonly reason: string;
}

/**
 * Hands on what a person holds, signed with his own key; planned ahead where its windows begin later. It is judged here by the rule that
 * the gateway uses, before the passphrase is asked for anything.
 */
export async function delegateGrant(
  agent: Agent,
  { person }: Session,
  id: GrantId,
  wish: DelegationWish,
  passphrase: string,
  attempts: Attempts,
): Promise<Decision<HeldGrant>> {
  if (!person.purposes.includes('delegate')) return refuse('not_in_role');
  const held = await readGrant(agent, id);
  if (!held.allowed) return held;
  if (!held.value.complete) return refuse('approvals_missing');
  const { document } = held.value.grant;
  if (document.typ === 'standing-approval') return refuse('outside_grant', { clause: 'standing-approval' });
  const delegation = delegationOf(agent, person.id, { document, digest: held.value.digest }, wish);
  const shape = delegationSchema.safeParse(delegation);
  if (!shape.success) return refuse('malformed', { clause: shape.error.issues[0]?.path.join('.') ?? 'delegation' });
  const opened = openKeyOf(agent, person.id, passphrase, attempts);
  if (!opened.allowed) return opened;
  const made = await signed(delegation, opened.value, agent.now());
  const above = [...held.value.above, held.value.grant];
  const given = await holdGrant(agent, { grant: made, above }, 'asked');
  if (!given.allowed) return given;
  return noteAndAsk(agent, person.id, 'delegation', given.value);
}

function delegationOf(
  agent: Agent,
  delegator: LocalId,
  { document, digest }: { readonly document: Right; readonly digest: Digest },
  wish: DelegationWish,
): Delegation {
  // The windows are handed on; the rule they were made by belongs to whoever asked for the grant.
  const {
    recurrence: _rule,
    standingApproval: _yes,
    ...parent
  } = { recurrence: undefined, standingApproval: undefined, ...document };
  return {
    ...parent,
    typ: 'delegation',
    id: agent.newId('grt') as GrantId,
    parent: digest,
    requester: { organisation: agent.organisation, id: delegator },
    subjects: wish.delegates,
    resources: wish.resources ?? parent.resources,
    actions: wish.actions ?? parent.actions,
    windows: wish.windows ?? parent.windows,
    uses: wish.uses ?? (parent.typ === 'delegation' ? parent.uses : null),
    reason: wish.reason,
    issuedAt: agent.now(),
  };
}
