import type { Grant } from '../documents/right.js';
import type { LocalId } from '../names.js';
import type { Approver, CountedApprover, DeputyFor, PersonRef, Requester } from './approver.js';

/**
 * The approvers with the groups in which each may fill a seat here: the own ones, and those of whom he was a deputy when he signed. Whoever is replaced
 * has one seat to give: it goes to one deputy, and to nobody where he said yes himself, asked, or acts by the right.
 */
export const withDeputies = (
  approvers: readonly Approver[],
  right: Pick<Grant, 'subjects' | 'resources'>,
  requester: Requester | null,
): readonly Approver[] =>
  approvers.every(({ deputyFor = [] }) => deputyFor.length === 0)
    ? approvers
    : approvers.map((one) => {
        const lent = (one.deputyFor ?? []).filter((seat) => takesSeat(one, seat, approvers, right, requester));
        return { ...one, groups: [...new Set([...one.groups, ...lent.flatMap(({ groups }) => groups)])] };
      });

function takesSeat(
  { organisation, id }: Approver,
  seat: DeputyFor,
  approvers: readonly Approver[],
  right: Pick<Grant, 'subjects' | 'resources'>,
  requester: Requester | null,
): boolean {
  const isReplaced = (person: PersonRef): boolean => person.organisation === organisation && person.id === seat.id;
  if (approvers.some(isReplaced) || right.subjects.some(isReplaced) || (requester && isReplaced(requester)))
    return false;
  const first = approvers.find(
    (one) =>
      one.organisation === organisation &&
      (one.deputyFor ?? []).some((other) => other.id === seat.id && covers(other, right)),
  );
  return covers(seat, right) && first?.id === id;
}

const covers = ({ resources }: DeputyFor, right: Pick<Grant, 'resources'>): boolean =>
  resources.length === 0 || right.resources.every((one) => resources.includes(one.id));

/** Who said yes, and in whose place, as every record about it says both. */
export function approversSaid(approvers: readonly CountedApprover[]): {
  readonly approvers: readonly LocalId[];
  readonly deputies?: readonly { readonly id: LocalId; readonly for: LocalId }[];
} {
  const deputies = approvers.flatMap(({ id, deputyFor = [] }) => deputyFor.map((one) => ({ id, for: one.id })));
  return { approvers: approvers.map(({ id }) => id), ...(deputies.length > 0 && { deputies }) };
}
