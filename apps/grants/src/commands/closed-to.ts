import type { RefusalCode } from '@interlock/contracts';
import {
  type Approvable,
  type Approver,
  beyondLists,
  type Decision,
  type OrganisationId,
  refuse,
  usesEndAt,
} from '@interlock/domain';
import type { MadeSignature } from '../store/grant.store.js';
import { asHeld } from '../store/standing.store.js';
import type { Material } from './material.js';

/** What the signatures that a right has so far come to. */
export interface Weighed {
  /** Whether nothing is missing: then the whole right has been verified. */
  readonly whole: boolean;
  readonly owner: OrganisationId;
  readonly subjectSide: OrganisationId;
  readonly approvers: readonly Approver[];
  readonly made: readonly MadeSignature[];
}

/** Whether nothing can be asked for under the agreement as it stands, or not by the member lists that the right names. */
export function closedTo(
  right: Approvable,
  { view, acts, annexes }: Pick<Material, 'view' | 'acts' | 'annexes'>,
): Decision<never, RefusalCode> | undefined {
  if (['proposed', 'countersigned', 'refused'].includes(view.status))
    return refuse('illegal_transition', { clause: 'agreement' });
  if (view.status === 'ended') return refuse('agreement_over');
  const same = right.agreement === view.digest && right.agreementId === view.id;
  if (!same) return refuse('grant_of_other_agreement');
  // Under notice everything goes on to its end: whoever is terminated is owed that, and nothing after it.
  const agreement = view.agreement.document;
  const ends = usesEndAt(agreement, acts.map(asHeld));
  // How long the owner's yes of before stands gives nobody a window: a grant under it is looked at here by itself.
  const beyond =
    right.typ !== 'standing-approval' && ends < agreement.endsAt && right.windows.some(({ to }) => to > ends);
  if (beyond) return refuse('window_outside_agreement', { clause: 'notice' });
  if (right.typ === 'delegation') return undefined;
  const papers = {
    agreement,
    acts: acts.map(asHeld),
    annexes: annexes.map((one) => ({ ...one, annex: one.annex.document })),
  };
  return beyondLists(right, papers);
}
