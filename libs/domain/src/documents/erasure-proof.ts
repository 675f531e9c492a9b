import type { Instant } from '../instant.js';
import type { AgreementId, Digest, OrganisationId } from '../names.js';
import type { DocumentHead } from './key.js';

/**
 * What one party says it has erased of the data it received under an agreement, in every store of its own, and what it keeps. Signed by its `agreement` key. The
 * batches are named by digest, as the evidence of their delivery names them.
 */
export interface ErasureProof extends DocumentHead<'erasure-proof'> {
  readonly organisation: OrganisationId;
  readonly agreementId: AgreementId;
  /** Batches that are gone. */
  readonly erased: number;
  /** SHA-256 over their digests in order, a line each. */
  readonly batches: Digest;
  /** Batches that are still kept. */
  readonly kept: number;
  /** Why nothing is erased for now, and since when; null where nobody holds it. */
  readonly held: { readonly reason: string; readonly since: Instant } | null;
  readonly issuedAt: Instant;
}
