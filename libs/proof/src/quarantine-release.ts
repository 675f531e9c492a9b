import { signedQuarantineRelease } from '@interlock/contracts';
import {
  allow,
  type Decision,
  type Digest,
  type Instant,
  LONGEST_RELEASE,
  type OrganisationId,
  type QuarantineRelease,
  type Releaser,
  refuse,
  type SubjectRef,
} from '@interlock/domain';
import { type EnvelopeRefusal, SIGNATURE_SKEW, verifyDocument } from './envelope.js';
import type { KeyRing } from './key-ring.js';

/** What is held, and who may have a say in it. */
export interface ReleaseAsked
  extends Pick<QuarantineRelease, 'agreementId' | 'gateway' | 'flow' | 'content' | 'foundAt'> {
  readonly owner: OrganisationId;
  readonly recipients: readonly OrganisationId[];
  /** Who brought the bytes; null where the gateway fetched them itself. Nobody releases what is his own. */
  readonly presenter: SubjectRef | null;
}

export interface VerifiedRelease {
  readonly by: Releaser;
  readonly digest: Digest;
}

/** Verifies one person's release of exactly what is asked about; that it takes two is for `releaseMissing`. */
export async function verifyQuarantineRelease(
  input: unknown,
  ring: KeyRing,
  asked: ReleaseAsked,
  now: Instant,
): Promise<Decision<VerifiedRelease, EnvelopeRefusal | 'release_unfit'>> {
  const clause = 'quarantine-release';
  const shape = signedQuarantineRelease.safeParse(input);
  if (!shape.success) return refuse('malformed', { clause });
  const issuer = shape.data.document.organisation;
  const unfit = (what: string) => refuse('release_unfit', { clause: what });
  if (issuer !== asked.owner && !asked.recipients.includes(issuer)) return unfit('organisation');
  const verified = await verifyDocument(clause, shape.data, ring, [{ issuer, purpose: 'approve' }], now);
  if (!verified.allowed) return verified;
  const { document, digest, signers } = verified.value;
  if (document.agreementId !== asked.agreementId) return unfit('agreement');
  if (document.gateway.organisation !== asked.gateway.organisation || document.gateway.id !== asked.gateway.id)
    return unfit('gateway');
  if (document.flow !== asked.flow) return unfit('flow');
  if (document.content !== asked.content) return unfit('content');
  if (document.foundAt !== asked.foundAt) return unfit('finding');
  const tooLong = document.expiresAt - document.issuedAt > LONGEST_RELEASE;
  if (tooLong || now >= document.expiresAt || document.issuedAt > now + SIGNATURE_SKEW) return unfit('time');
  const signer = signers[0]?.signer;
  if (signer?.holder?.kind !== 'person' || signer.guest) return unfit('person');
  const { organisation, holder } = signer;
  if (asked.presenter?.organisation === organisation && asked.presenter.id === holder.id) return unfit('presenter');
  return allow({ by: { organisation, id: holder.id }, digest });
}
