import { grant as grantSchema } from '@interlock/contracts';
import {
  type Agreement,
  type AgreementId,
  allow,
  covered,
  type Decision,
  type Digest,
  type Dormancy,
  type Grant,
  type GrantId,
  type GrantKind,
  type Interval,
  type LocalId,
  type MemberListsOf,
  type ResourceRef,
  refuse,
  type SubjectRef,
} from '@interlock/domain';
import { signed } from '@interlock/proof';
import type { Agent } from '../agent.js';
import { inForce, refreshAgreements } from '../agreements/agreements.js';
import { embargoGate } from '../embargo/ask-lists.js';
import type { Attempts } from '../login/attempts.js';
import type { Session } from '../login/sessions.js';
import type { HeldGrant } from './held-grant.js';
import { namedIn, withinLists } from './member-lists.js';
import { noteAndAsk } from './note-and-ask.js';
import { openKeyOf } from './person-key.js';
import { holdGrant, readGrant } from './read-grant.js';
import { type RecurrenceWish, windowsOf } from './recurring-windows.js';

export interface GrantWish {
  readonly agreementId: AgreementId;
  readonly kind: GrantKind;
  /** People, machines or workloads of this company; the one who asks, where it is left out. */
  readonly subjects?: readonly SubjectRef[] | undefined;
  /** All that is on the list of machines, where it is left out. */
  readonly resources?: readonly ResourceRef[] | undefined;
  readonly actions: readonly LocalId[];
  readonly purpose: LocalId;
  readonly ticket: string | null;
  /** Chosen one by one; left out where they recur. */
  readonly windows?: readonly Interval[];
  readonly recurrence?: RecurrenceWish;
  /** Makes it a dormant grant, for an approver to activate at the gateway. */
  readonly dormant?: Dormancy | undefined;
  /** The owner's yes of before that it rests on; nobody of the owner is then asked again. */
  readonly standingApproval?: GrantId | undefined;
  /** The member lists that bound it. */
  readonly memberLists?: MemberListsOf | undefined;
}

/** A wish that writes out what it is about. */
type WrittenOut = GrantWish & { readonly resources: readonly ResourceRef[] };

type Windows = Pick<Grant, 'windows' | 'recurrence'>;

const grantOf = (
  agent: Agent,
  requester: LocalId,
  agreement: Grant['agreement'],
  wish: WrittenOut,
  { standing, ...windows }: Windows & { readonly standing: Digest | undefined },
): Grant => ({
  typ: 'grant',
  v: 1,
  id: agent.newId('grt') as GrantId,
  kind: wish.kind,
  agreementId: wish.agreementId,
  agreement,
  requester: { organisation: agent.organisation, id: requester },
  subjects: wish.subjects ?? [{ organisation: agent.organisation, kind: 'person', id: requester }],
  resources: wish.resources,
  actions: wish.actions,
  purpose: wish.purpose,
  ticket: wish.ticket,
  ...windows,
  issuedAt: agent.now(),
  ...(wish.dormant && { dormant: wish.dormant }),
  ...(standing && { standingApproval: standing }),
  ...(wish.memberLists && { memberLists: wish.memberLists }),
});

async function windowsWished(agent: Agent, wish: WrittenOut, agreement: Agreement): Promise<Decision<Windows>> {
  const { windows, recurrence, resources } = wish;
  const owner = resources[0]?.owner;
  if (windows && !recurrence) return allow({ windows });
  if (windows || !recurrence || !owner) return refuse('malformed', { clause: 'windows, or recurrence' });
  return windowsOf(agent, recurrence, agreement, owner);
}

/** The standing approval that a wish names, as this agent verified it. */
async function standingWished(agent: Agent, { standingApproval: id }: GrantWish) {
  if (id === undefined) return allow(undefined);
  const held = await readGrant(agent, id);
  if (!held.allowed) return held;
  const { grant, digest, approvers, complete } = held.value;
  const { document } = grant;
  if (document.typ !== 'standing-approval') return refuse('standing_dangling', { clause: 'standingApproval' });
  return complete
    ? allow({ document, digest, approvers, signed: grant })
    : refuse('approvals_missing', { clause: document.typ });
}

/** Builds a grant from a wish, checks it against the agreement, signs it with the person's own key and asks for it. */
export async function requestGrant(
  agent: Agent,
  { person }: Session,
  wished: GrantWish,
  passphrase: string,
  attempts: Attempts,
): Promise<Decision<HeldGrant>> {
  if (!person.purposes.includes('grant')) return refuse('not_in_role');
  if (!inForce(agent, wished.agreementId)) await refreshAgreements(agent);
  const known = inForce(agent, wished.agreementId);
  if (!known) return refuse('not_a_party');
  const named = await namedIn(agent, wished, known.agreement.document);
  if (!named.allowed) return named;
  const wish = { ...wished, ...named.value, resources: named.value.resources ?? [] };
  const windows = await windowsWished(agent, wish, known.agreement.document);
  if (!windows.allowed) return windows;
  const standing = await standingWished(agent, wish);
  if (!standing.allowed) return standing;
  const beforehand = standing.value;
  const grant = grantOf(agent, person.id, known.digest, wish, { ...windows.value, standing: beforehand?.digest });
  const shape = grantSchema.safeParse(grant);
  if (!shape.success) return refuse('malformed', { clause: shape.error.issues[0]?.path.join('.') ?? 'grant' });
  const approvers = beforehand?.approvers ?? [];
  const cover = covered(grant, known.agreement.document, grant.requester, approvers, agent.now(), beforehand);
  if (!cover.allowed && cover.refusal.code !== 'approvals_missing') return cover;
  const members = await withinLists(agent, grant, known.agreement.document);
  if (!members.allowed) return members;
  const gate = await embargoGate(agent, grant, known.agreement.document);
  if (!gate.allowed) return gate;
  const opened = openKeyOf(agent, person.id, passphrase, attempts);
  if (!opened.allowed) return opened;
  const made = await signed(grant, opened.value, agent.now());
  const held = await holdGrant(agent, { grant: made, above: beforehand ? [beforehand.signed] : [] }, 'asked');
  if (!held.allowed) return held;
  return noteAndAsk(agent, person.id, 'grant', held.value);
}
