import { publishedDocuments, signedAct, signedApprovable } from '@interlock/contracts';
import type {
  ActTarget,
  AgreementId,
  Decision,
  Digest,
  Dormancy,
  GrantId,
  GrantKind,
  Instant,
  Interval,
  LocalId,
  MemberListsOf,
  Recurrence,
  ResourceRef,
  SubjectRef,
  TakenPart,
} from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { z } from 'zod';
import { type AgentCall, AgentUnavailable, askAgent, tellAgent } from '../login/ask-agent.js';

const fact = z.object({ label: z.string(), text: z.string() });
const heldGrant = z.object({
  id: z.string(),
  digest: z.string(),
  status: z.string(),
  complete: z.boolean(),
  owner: z.string(),
  subjectSide: z.string(),
  approvers: z.array(z.string()),
  plain: z.array(fact),
  grant: signedApprovable,
});
/** A grant as the own company's agent verified and explains it. */
export type ShownGrant = z.infer<typeof heldGrant>;

export interface GrantWish {
  readonly agreementId: AgreementId;
  readonly kind: GrantKind;
  readonly subjects?: readonly SubjectRef[];
  readonly resources?: readonly ResourceRef[];
  readonly memberLists?: MemberListsOf;
  readonly actions: readonly LocalId[];
  readonly purpose: LocalId;
  readonly ticket: string | null;
  readonly windows?: readonly Interval[];
  readonly recurrence?: Omit<Recurrence, 'zoneDatabase' | 'calendar'> & { readonly until: Instant };
  readonly dormant?: Dormancy;
  readonly standingApproval?: GrantId;
}

/** Asks for a grant; the person's own key, opened by the passphrase at the agent, signs it. */
export const requestGrant = (call: AgentCall, wish: GrantWish, passphrase: string): Promise<Decision<ShownGrant>> =>
  tellAgent(call, '/grants', { ...wish, passphrase }, heldGrant);

/** What an approver says yes to beforehand. */
export interface StandingWish
  extends Pick<GrantWish, 'agreementId' | 'kind' | 'resources' | 'memberLists' | 'actions' | 'purpose'> {
  readonly subjects?: readonly SubjectRef[];
  readonly window: Interval;
  readonly longestWindowSeconds: number;
  readonly uses: number;
  readonly gateway: LocalId;
}

/** Says yes beforehand, with the person's own key; it stands when as many of the company have signed as a grant needs. */
export const proposeStanding = (
  call: AgentCall,
  wish: StandingWish,
  passphrase: string,
): Promise<Decision<ShownGrant>> => tellAgent(call, '/standing-approvals', { ...wish, passphrase }, heldGrant);

/** Who is to have a right, and what of it; what is left out is handed on as it is. */
export interface DelegationWish {
  readonly delegates: readonly SubjectRef[];
  readonly resources?: readonly ResourceRef[];
  readonly actions?: readonly LocalId[];
  readonly windows?: readonly Interval[];
  readonly uses?: number;
  readonly reason: string;
}

/** Hands on what the person holds; his own key, opened by the passphrase at the agent, signs it. */
export const delegateGrant = (
  call: AgentCall,
  id: GrantId,
  wish: DelegationWish,
  passphrase: string,
): Promise<Decision<ShownGrant>> => tellAgent(call, `/grants/${id}/delegations`, { ...wish, passphrase }, heldGrant);

/** Reads a grant. From then on this session may sign exactly what it was shown. */
export async function showGrant(call: AgentCall, id: GrantId): Promise<Decision<ShownGrant>> {
  const shown = await askAgent(call, `/grants/${id}`, heldGrant);
  if (!shown.allowed) return shown;
  // The words are the agent's; the digest is made here, so that the two are about the same document.
  if (digestOf(shown.value.grant.document) !== shown.value.digest || shown.value.id !== id)
    throw new AgentUnavailable('the agent showed another document than the one it names');
  return shown;
}

const named = z.object({ id: z.string() });
const row = z.object({
  ...heldGrant.pick({ id: true, digest: true, status: true, complete: true, owner: true, subjectSide: true }).shape,
  kind: z.string(),
  subjects: z.array(named.extend({ organisation: z.string() })),
  resources: z.array(named.extend({ owner: z.string() })),
  actions: z.array(z.string()),
  windows: z.array(z.object({ from: z.number(), to: z.number() })),
});
export type GrantRow = z.infer<typeof row>;
const listed = z.object({ grants: z.array(row) });

/** Every grant of the company that verifies. */
export const listGrants = (call: AgentCall): Promise<Decision<z.infer<typeof listed>>> =>
  askAgent(call, '/grants', listed);

/** Signs a yes to exactly the document of this digest. */
export const approveGrant = (
  call: AgentCall,
  id: GrantId,
  digest: Digest,
  passphrase: string,
): Promise<Decision<ShownGrant>> => tellAgent(call, `/grants/${id}/approve`, { digest, passphrase }, heldGrant);

/** A no. What is internal stays with the own company: the partner sees that there is something, and its digest. */
export interface Denial {
  readonly reason: string;
  readonly internalReason?: string;
  readonly internalTicket?: string;
}

export const denyGrant = (call: AgentCall, id: GrantId, said: Denial): Promise<Decision<unknown>> =>
  tellAgent(call, `/grants/${id}/deny`, said, z.unknown());

const inbox = z.object({
  person: z.object({ id: z.string(), groups: z.array(z.string()) }),
  agreements: z.array(
    z.object({ id: z.string(), version: z.number(), digest: z.string(), signedBy: z.array(z.string()) }),
  ),
  grants: z.array(
    z.object({ id: z.string(), digest: z.string(), owner: z.string(), mine: z.boolean(), complete: z.boolean() }),
  ),
  reviews: z.array(
    z.object({
      ...{ agreement: z.string(), session: z.string(), resource: z.string(), subject: z.string() },
      ...{ activatedBy: z.string().nullable(), at: z.number(), due: z.number().nullable(), mine: z.boolean() },
    }),
  ),
  reviewsUnread: z.array(z.object({ agreement: z.string(), refusal: z.object({ code: z.string() }) })),
});
export type Inbox = z.infer<typeof inbox>;

/** What waits for the company, and which of it for this person. */
export const readInbox = (call: AgentCall): Promise<Decision<Inbox>> => askAgent(call, '/', inbox);

const cut = z.object({ act: signedAct, documents: publishedDocuments });

export interface CutWish {
  readonly verb: 'suspend' | 'narrow' | 'revoke';
  readonly agreementId: AgreementId;
  readonly target: ActTarget;
  readonly reason: string;
  /** What a `narrow` takes out of the agreement: parts by their names, or what it strikes and writes in whole. */
  readonly without?: readonly TakenPart[];
  readonly narrows?: unknown;
}

/** Takes a right away: signed by the company's one writer, so that its beats name it from this moment on. */
export const signCut = (call: AgentCall, wish: CutWish): Promise<Decision<z.infer<typeof cut>>> =>
  tellAgent(call, '/acts', wish, cut);
