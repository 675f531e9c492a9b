import {
  type Agreement,
  allow,
  beyondLists,
  type Decision,
  type Grant,
  type MemberListsOf,
  memberListOf,
  type ResourceRef,
  refuse,
  type SubjectRef,
  struckFrom,
} from '@interlock/domain';
import { heldActs } from '../acts/held-acts.js';
import type { Agent } from '../agent.js';
import { verifiedAnnexes } from '../agreements/verified-annexes.js';

async function papersOf(agent: Agent, agreement: Agreement) {
  const annexes = await verifiedAnnexes(agent, agreement, ['member-list']);
  return annexes.allowed ? allow({ annexes: annexes.value, acts: heldActs(agent, agreement), agreement }) : annexes;
}

/** Whether everything that this company is asked to sign is on the member lists that the right names, as they verify here. */
export async function withinLists(
  agent: Agent,
  right: Pick<Grant, 'memberLists' | 'resources' | 'subjects'>,
  agreement: Agreement,
): Promise<Decision<true>> {
  if (!right.memberLists) return allow(true);
  const papers = await papersOf(agent, agreement);
  return papers.allowed ? (beyondLists(right, papers.value) ?? allow(true)) : papers;
}

export interface Named {
  readonly resources?: readonly ResourceRef[] | undefined;
  readonly subjects?: readonly SubjectRef[] | undefined;
  readonly memberLists?: MemberListsOf | undefined;
}

/** What a wish names: all that is on its lists now, where it does not write out some of it. */
export async function namedIn(
  agent: Agent,
  { resources, subjects, memberLists = {} }: Named,
  agreement: Agreement,
): Promise<Decision<Pick<Named, 'resources' | 'subjects'>>> {
  const [things, people] = [resources ? undefined : memberLists.resources, subjects ? undefined : memberLists.subjects];
  if (!things && !people) return allow({ resources, subjects });
  const papers = await papersOf(agent, agreement);
  if (!papers.allowed) return papers;
  const on = (digest: NonNullable<typeof things>) => {
    const list = memberListOf(digest, papers.value)?.annex;
    const struck = list && struckFrom(digest, list.organisation, papers.value);
    return list && { ...list, left: list.members.filter((one) => !struck?.has(one)) };
  };
  const [machines, pool] = [things && on(things), people && on(people)];
  if ((things && !machines) || (people && !pool))
    return refuse('membership_unknown', { clause: things ?? people ?? '' });
  return allow({
    resources: machines ? machines.left.map((id) => ({ owner: machines.organisation, id })) : resources,
    subjects: pool ? pool.left.flatMap((id) => asSubject(pool, id)) : subjects,
  });
}

const asSubject = (
  { organisation, of: kind }: Pick<SubjectRef, 'organisation'> & { readonly of: SubjectRef['kind'] | 'resource' },
  id: SubjectRef['id'],
): SubjectRef[] => (kind === 'resource' ? [] : [{ organisation, kind, id }]);
