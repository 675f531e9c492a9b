import type { Agreement, Approver, Digest, GrantId, OrganisationId, Right, Signed } from '@interlock/domain';
import type { KeyRing } from '@interlock/proof';
import type { GrantView } from '../broker/broker-api.js';

/** A grant or delegation as this agent holds it: fetched, hashed and verified here. `status` alone is the broker's word. */
export interface HeldGrant {
  readonly id: GrantId;
  readonly grant: Signed<Right>;
  /** What a delegation hangs on, the grant first; nothing for a grant. */
  readonly above: readonly Signed<Right>[];
  readonly digest: Digest;
  readonly agreement: Agreement;
  readonly agreementDigest: Digest;
  readonly ring: KeyRing;
  readonly owner: OrganisationId;
  readonly subjectSide: OrganisationId;
  readonly approvers: readonly Approver[];
  /** Whether the owner's side has signed as the agreement asks. */
  readonly complete: boolean;
  readonly status: GrantView['status'];
}
