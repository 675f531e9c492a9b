import type { RefusalCode } from '@interlock/contracts';
import { type Approver, type Decision, type OrganisationId, type Right, refuse } from '@interlock/domain';
import type { MadeSignature } from '../store/grant.store.js';
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

/** Whether nothing can be asked for under the agreement as it stands. */
export function closedTo(right: Right, view: Material['view']): Decision<never, RefusalCode> | undefined {
  if (['proposed', 'countersigned', 'refused'].includes(view.status))
    return refuse('illegal_transition', { clause: 'agreement' });
  if (view.status === 'ended') return refuse('agreement_over');
  const same = right.agreement === view.digest && right.agreementId === view.id;
  return same ? undefined : refuse('grant_of_other_agreement');
}
