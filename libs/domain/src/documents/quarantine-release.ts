import type { Instant } from '../instant.js';
import type { AgreementId, Digest, LocalId, OrganisationId } from '../names.js';
import type { DocumentHead } from './key.js';

/**
 * One person of a party lets exactly these bytes go on although no scanner found them clean. Signed by the person's `approve` key; of how many persons and
 * whose it takes is `releaseMissing`.
 */
export interface QuarantineRelease extends DocumentHead<'quarantine-release'> {
  readonly organisation: OrganisationId;
  readonly agreementId: AgreementId;
  /** Where the bytes are held. */
  readonly gateway: { readonly organisation: OrganisationId; readonly id: LocalId };
  /** The grant under which they came. */
  readonly flow: string;
  /** SHA-256 of the bytes, and when they were found: the same bytes found again need another release. */
  readonly content: Digest;
  readonly foundAt: Instant;
  readonly reason: string;
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
}

/** A release that nobody used by then is none. Milliseconds. */
export const LONGEST_RELEASE = 7 * 86_400_000;
