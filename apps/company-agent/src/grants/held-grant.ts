import type { Agreement, Approvable, Approver, Digest, GrantId, OrganisationId, Signed } from '@interlock/domain';
import type { KeyRing } from '@interlock/proof';
import type { GrantView } from '../broker/broker-api.js';

/** A grant, a delegation or a standing approval as this agent holds it: fetched, hashed and verified here. `status` alone is the broker's word. */
export interface HeldGrant {
  readonly id: GrantId;
  readonly grant: Signed<Approvable>;
  /** What it hangs on, outermost first; nothing where it hangs on the agreement alone. */
  readonly above: readonly Signed<Approvable>[];
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
