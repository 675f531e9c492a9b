import type { AuthzenEvaluation } from '@interlock/contracts';
import type { OrganisationId } from '@interlock/domain';

type Evaluation = Pick<AuthzenEvaluation, 'subject' | 'action' | 'resource'>;

export type Semantic = 'execute_all' | 'deny_on_first_deny' | 'permit_on_first_permit';

/** A decision before it is dressed for AuthZEN. */
export interface Given {
  readonly decision: boolean;
  readonly id: string | null;
  readonly code: string | null;
  readonly until: number | null;
}

/** What an entity search asks: the one of the three that is searched for has no id, or no name. */
export interface Search {
  readonly subject: Evaluation['subject'] | { readonly type: string };
  readonly action: Evaluation['action'] | null;
  readonly resource: Evaluation['resource'] | { readonly type: string };
}

export interface Found {
  readonly subjects: readonly { readonly type: string; readonly id: string }[];
  readonly resources: readonly { readonly type: string; readonly id: string }[];
  readonly actions: readonly { readonly name: string }[];
}

/** Who decides. The protocol above it is the same whatever the policy is. */
export abstract class DecisionPoint {
  /** `null` for an item that is incomplete. Fewer answers than questions where the semantic stopped early. */
  abstract evaluate(
    asker: OrganisationId,
    questions: readonly (Evaluation | null)[],
    semantic: Semantic,
  ): Promise<readonly Given[]>;

  abstract search(asker: OrganisationId, search: Search): Promise<Found>;
}
