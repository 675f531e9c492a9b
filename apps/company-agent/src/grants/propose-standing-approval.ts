import { standingApproval as standingSchema } from '@interlock/contracts';
import {
  type AgreementId,
  type Decision,
  type GrantId,
  type GrantKind,
  type Interval,
  type LocalId,
  type MemberListsOf,
  type ResourceRef,
  refuse,
  type StandingApproval,
  type SubjectRef,
} from '@interlock/domain';
import { signed, thumbprintOf } from '@interlock/proof';
import type { Agent } from '../agent.js';
import { inForce, refreshAgreements } from '../agreements/agreements.js';
import type { Attempts } from '../login/attempts.js';
import type { Session } from '../login/sessions.js';
import { mayApprove } from './approve-grant.js';
import type { HeldGrant } from './held-grant.js';
import { namedIn, withinLists } from './member-lists.js';
import { noteAndAsk } from './note-and-ask.js';
import { openKeyOf } from './person-key.js';
import { holdGrant } from './read-grant.js';

/** What an approver says yes to beforehand. */
export interface StandingWish {
  readonly agreementId: AgreementId;
  readonly kind: GrantKind;
  /** All of the pool where left out. */
  readonly subjects?: readonly SubjectRef[] | undefined;
  readonly resources?: readonly ResourceRef[] | undefined;
  readonly actions: readonly LocalId[];
  readonly purpose: LocalId;
  /** When grants under it may be used. */
  readonly window: Interval;
  readonly longestWindowSeconds: number;
  readonly uses: number;
  /** The gateway of this company that counts the uses. */
  readonly gateway: LocalId;
  /** The member lists that bound it; every grant under it names the same. */
  readonly memberLists?: MemberListsOf | undefined;
}

/** A wish that writes out what it is about. */
type WrittenOut = StandingWish & Required<Pick<StandingApproval, 'subjects' | 'resources'>>;

/**
 * Proposes a standing approval with the yes of the person who proposes it; it stands when as many have signed as a grant of its kind needs. It is
 * judged here by the rule that the gateway uses, before the passphrase is asked for anything.
 */
export async function proposeStandingApproval(
  agent: Agent,
  session: Session,
  wished: StandingWish,
  passphrase: string,
  attempts: Attempts,
): Promise<Decision<HeldGrant>> {
  const { person } = session;
  if (!person.purposes.includes('approve') || person.guest) return refuse('not_in_role');
  if (!inForce(agent, wished.agreementId)) await refreshAgreements(agent);
  const known = inForce(agent, wished.agreementId);
  if (!known) return refuse('not_a_party');
  const named = await namedIn(agent, wished, known.agreement.document);
  if (!named.allowed) return named;
  const wish = { ...wished, subjects: named.value.subjects ?? [], resources: named.value.resources ?? [] };
  const gateway = gatewayOf(agent, wish);
  if (!gateway) return refuse('counted_elsewhere', { clause: `gateway ${wish.gateway}` });
  const approval = approvalOf(agent, person.id, known.digest, wish, gateway);
  const shape = standingSchema.safeParse(approval);
  if (!shape.success)
    return refuse('malformed', { clause: shape.error.issues[0]?.path.join('.') ?? 'standing-approval' });
  const members = await withinLists(agent, approval, known.agreement.document);
  if (!members.allowed) return members;
  const opened = openKeyOf(agent, person.id, passphrase, attempts);
  if (!opened.allowed) return opened;
  const made = await signed(approval, opened.value, agent.now());
  const held = await holdGrant(agent, { grant: made }, 'asked');
  if (!held.allowed) return held;
  const role = mayApprove(agent, session, held.value);
  if (!role.allowed) return role;
  return noteAndAsk(agent, person.id, 'approval', held.value);
}

/** The key of a gateway that this company certified for all of these resources; the one that is good for longest. */
function gatewayOf(agent: Agent, { gateway: id, resources }: WrittenOut): StandingApproval['gateway'] | undefined {
  const now = agent.now();
  const [certificate] = agent
    .company()
    .certificates.map(({ document }) => document)
    .filter(({ holder, purposes }) => holder.kind === 'gateway' && holder.id === id && purposes.includes('enforce'))
    .filter(({ notBefore, notAfter }) => notBefore <= now && now < notAfter)
    .filter((one) => resources.every((resource) => one.resources.includes(resource.id)))
    .sort((a, b) => b.notAfter - a.notAfter);
  return certificate && { id, key: thumbprintOf(certificate.key) };
}

const approvalOf = (
  agent: Agent,
  proposer: LocalId,
  agreement: StandingApproval['agreement'],
  { window, gateway: _, memberLists, ...wish }: WrittenOut,
  gateway: StandingApproval['gateway'],
): StandingApproval => ({
  typ: 'standing-approval',
  v: 1,
  id: agent.newId('grt') as GrantId,
  agreement,
  requester: { organisation: agent.organisation, id: proposer },
  ...wish,
  ...(memberLists && { memberLists }),
  ticket: null,
  windows: [window],
  gateway,
  issuedAt: agent.now(),
});
