import type { Agreement } from './documents/agreement.js';
import type { Delegation, Grant, ListedAs } from './documents/right.js';
import type { StandingApproval } from './documents/standing-approval.js';
import type { CountedApprover, PersonRef } from './grant/approver.js';
import type { Branded } from './instant.js';
import type { Digest, OrganisationId, SubjectRef, Thumbprint } from './names.js';

/** A delegation whose signatures and attenuation have been verified. */
export interface HeldDelegation {
  readonly document: Delegation;
  readonly digest: Digest;
}

/** A standing approval whose signatures and scope have been verified. */
export interface HeldStandingApproval {
  readonly document: StandingApproval;
  readonly digest: Digest;
}

/** What a verified chain says. Only `proof.verifyChain` can make one; the brand keeps everybody else from it. */
export interface ChainFacts {
  readonly agreement: Agreement;
  readonly agreementDigest: Digest;
  readonly grant: Grant;
  readonly grantDigest: Digest;
  /** From the grant to who acts, each inside the one before; empty where the grant names the subject itself. */
  readonly delegations: readonly HeldDelegation[];
  /** Where the owner said yes beforehand; left out where the grant itself was approved. */
  readonly standingApproval?: HeldStandingApproval | undefined;
  readonly owner: OrganisationId;
  readonly subjectSide: OrganisationId;
  readonly approvers: readonly CountedApprover[];
  readonly subject: SubjectRef;
  /** Who logged in at another company, which says that it is the subject; left out where the subject's own company says so. */
  readonly login?: PersonRef | undefined;
  /** The key the subject must hold: of the login proof, or of the machine's own certificate. */
  readonly jkt: Thumbprint;
  /** Where the status of the login proof stands; left out where it names none, and for who shows a certificate. */
  readonly listed?: ListedAs | undefined;
  readonly keys: readonly { readonly organisation: OrganisationId; readonly thumbprint: Thumbprint }[];
  readonly documents: readonly Digest[];
}
export type VerifiedChain = Branded<ChainFacts, 'VerifiedChain'>;
