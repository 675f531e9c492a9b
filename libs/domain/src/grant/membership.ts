import { annexesOf, type HeldPapers, withdrawnAt } from '../annex/held.js';
import { type Decision, refuse } from '../decision.js';
import type { Agreement } from '../documents/agreement.js';
import type { HeldAnnex, MemberList } from '../documents/annex.js';
import type { Grant } from '../documents/right.js';
import type { Digest, OrganisationId, ResourceRef, SubjectRef } from '../names.js';
import type { ChainFacts } from '../verified-chain.js';

export type MembershipRefusal = 'membership_unknown' | 'not_a_member';

interface Papers extends HeldPapers {
  readonly agreement: Agreement;
}

/**
 * Whether somebody or something of this use is in none of the member lists that its grant names. A list that is not held here, or that a party withdrew, has no
 * members. Everybody through whose hands the right came has to be one: else a member would make one of whoever he likes.
 */
export function membershipFault(
  { agreement, grant, delegations, subject }: Pick<ChainFacts, 'agreement' | 'grant' | 'delegations' | 'subject'>,
  { annexes, acts }: HeldPapers,
  resource: ResourceRef,
): Decision<never, MembershipRefusal> | undefined {
  if (!grant.memberLists) return undefined;
  const through = delegations.map(({ document }): SubjectRef => ({ kind: 'person', ...document.requester }));
  return faultOf(grant.memberLists, { annexes, acts, agreement }, [resource], [subject, ...through]);
}

/**
 * The same of a whole grant, before anybody signs it: each of its subjects and resources is on the list of its sort. The owner's machines can only be listed by the
 * owner, and people by their own company.
 */
export const beyondLists = (
  { memberLists, resources, subjects }: Pick<Grant, 'memberLists' | 'resources' | 'subjects'>,
  papers: Papers,
): Decision<never, MembershipRefusal> | undefined => memberLists && faultOf(memberLists, papers, resources, subjects);

function faultOf(
  lists: NonNullable<Grant['memberLists']>,
  papers: Papers,
  resources: readonly ResourceRef[],
  subjects: readonly SubjectRef[],
): Decision<never, MembershipRefusal> | undefined {
  const things = resources.map(({ owner, id }) => ({ organisation: owner, kind: 'resource' as const, id }));
  return faultIn(lists.resources, papers, things) ?? faultIn(lists.subjects, papers, subjects);
}

type Member = Pick<SubjectRef, 'organisation' | 'id'> & { readonly kind: MemberList['of'] };

function faultIn(
  digest: Digest | undefined,
  papers: Papers,
  wanted: readonly Member[],
): Decision<never, MembershipRefusal> | undefined {
  if (digest === undefined) return undefined;
  const list = memberListOf(digest, papers);
  if (!list) return refuse('membership_unknown', { clause: digest });
  const members = new Set<string>(list.annex.members);
  const missing = wanted.find(
    ({ organisation, kind, id }) =>
      organisation !== list.annex.organisation ||
      kind !== list.annex.of ||
      !members.has(id) ||
      struckFrom(digest, organisation, papers).has(id),
  );
  return missing && refuse('not_a_member', { clause: `${list.annex.group} ${missing.id}`, detail: digest });
}

/** A member list by its digest, as long as no party withdrew it. */
export const memberListOf = (
  digest: Digest,
  { annexes, acts, agreement }: Papers,
): HeldAnnex<MemberList> | undefined =>
  withdrawnAt(digest, agreement, acts) === undefined
    ? annexesOf(annexes, 'member-list').find((one) => one.digest === digest)
    : undefined;

/** Who is on a list no more: struck by its own organisation, for good. */
export const struckFrom = (
  list: Digest,
  organisation: OrganisationId,
  { acts, agreement }: Pick<Papers, 'acts' | 'agreement'>,
): ReadonlySet<string> =>
  new Set(
    acts.flatMap(({ act: { verb, target, agreementId, organisation: by } }) =>
      verb === 'revoke' &&
      target.kind === 'member' &&
      target.list === list &&
      by === organisation &&
      agreementId === agreement.id
        ? [target.id]
        : [],
    ),
  );
