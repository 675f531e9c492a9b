import type { ChainDocuments } from '@interlock/contracts';
import {
  type Agreement,
  type Approver,
  allow,
  type Decision,
  type HeldStandingApproval,
  type Instant,
  type OrganisationId,
  type Purpose,
  refuse,
  standingApproved,
  type UsedKey,
} from '@interlock/domain';
import { type VerifiedDocument, type VerifiedSignature, verifyDocument } from './envelope.js';
import type { KeyRing, KnownKey } from './key-ring.js';
import type { ProvenSignatures } from './signature-proof.js';
import { asApprover, holds, namedSigner, type RightRefusal } from './verified-right.js';

export type GivenStandingApproval = NonNullable<ChainDocuments['standingApproval']>;

/** A standing approval as far as it is signed: who proposed it signed it, and what it says is inside its agreement. */
export interface GivenBeforehand extends HeldStandingApproval {
  readonly owner: OrganisationId;
  readonly subjectSide: OrganisationId;
  readonly approvers: readonly Approver[];
  /** Who signed, in the order of the signatures. */
  readonly signers: readonly KnownKey[];
  readonly keys: readonly UsedKey[];
  /** Whether as many have signed as a grant of its kind needs. */
  readonly complete: boolean;
}

/** Reads a standing approval under a verified agreement. Approvals that are still missing make it incomplete; everything else that is not right is a refusal. */
export async function readStandingApproval(
  input: GivenStandingApproval,
  agreement: Pick<VerifiedDocument<Agreement>, 'document' | 'digest'>,
  ring: KeyRing,
  now: Instant,
  proven: ProvenSignatures,
): Promise<Decision<GivenBeforehand, RightRefusal>> {
  const claimed = input.document;
  if (claimed.agreement !== agreement.digest || claimed.agreementId !== agreement.document.id)
    return refuse('grant_of_other_agreement', { clause: 'standing-approval' });
  const owner = claimed.resources[0]?.owner;
  if (!owner) return refuse('malformed', { clause: 'standing-approval' });
  const demand = { issuer: owner, purpose: 'approve' as Purpose };
  const verified = await verifyDocument('standing-approval', input, ring, [demand], now);
  if (!verified.allowed) return verified;
  const { document, digest } = verified.value;
  const signatures: readonly VerifiedSignature[] = verified.value.signers;
  const approvers = signatures.flatMap(asApprover);
  const signers = signatures.map(({ signer }) => signer);
  if (!signers.some((key) => key.holder?.kind === 'person' && holds(key, document.requester)))
    return refuse('requester_unknown', { clause: 'standing-approval' });
  const approved = standingApproved(document, agreement.document, approvers, now);
  if (!approved.allowed && approved.refusal.code !== 'approvals_missing') return approved;
  const subjectSide = document.subjects[0]?.organisation ?? owner;
  const keys = verified.value.signers.map(namedSigner(proven));
  return allow({ document, digest, owner, subjectSide, approvers, signers, keys, complete: approved.allowed });
}

/** The standing approval that a chain brings, which must be complete; undefined where it brings none. */
export async function standingIn(
  given: GivenStandingApproval | undefined,
  agreement: Pick<VerifiedDocument<Agreement>, 'document' | 'digest'>,
  ring: KeyRing,
  now: Instant,
  proven: ProvenSignatures,
): Promise<Decision<GivenBeforehand | undefined, RightRefusal>> {
  if (!given) return allow(undefined);
  const read = await readStandingApproval(given, agreement, ring, now, proven);
  if (!read.allowed || read.value.complete) return read;
  return refuse('approvals_missing', { clause: 'standing-approval' });
}
