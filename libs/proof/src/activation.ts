import { signedActivation } from '@interlock/contracts';
import {
  type Activation,
  allow,
  type Decision,
  type Digest,
  type Instant,
  type LocalId,
  type OrganisationId,
  refuse,
} from '@interlock/domain';
import { type EnvelopeRefusal, verifyDocument } from './envelope.js';
import type { KeyRing } from './key-ring.js';
import type { VerifiedRight } from './verified-right.js';

/** What an activation must be for: the grant, this gateway, and the nonce it shows now. */
export interface ActivationAsked {
  readonly right: Pick<VerifiedRight, 'grant' | 'grantDigest' | 'owner'>;
  readonly gateway: { readonly organisation: OrganisationId; readonly id: LocalId };
  readonly nonce: string;
}

/**
 * Verifies that one approver whom a dormant grant names by key, a person of the resource's owner and no party to the request, activated it for this
 * gateway now. The nonce says when: it is shown at the gateway's own port alone, and used once.
 */
export async function verifyActivation(
  input: unknown,
  ring: KeyRing,
  { right, gateway, nonce }: ActivationAsked,
  now: Instant,
): Promise<
  Decision<{ activation: Activation; approver: LocalId; digest: Digest }, EnvelopeRefusal | 'activation_unfit'>
> {
  const shape = signedActivation.safeParse(input);
  if (!shape.success) return refuse('malformed', { clause: 'activation' });
  const verified = await verifyDocument('activation', input, ring, [{ issuer: right.owner, purpose: 'approve' }], now);
  if (!verified.allowed) return verified;
  const { document, digest, signers } = verified.value;
  const unfit = (clause: string) => refuse('activation_unfit', { clause });
  if (document.organisation !== gateway.organisation || document.gateway !== gateway.id) return unfit('gateway');
  if (document.grant !== right.grantDigest) return unfit('grant');
  if (document.nonce !== nonce) return unfit('nonce');
  const { dormant, requester, subjects } = right.grant;
  const signer = signers[0]?.signer;
  if (!signer || signer.guest || signer.holder?.kind !== 'person' || !dormant?.approverKeys.includes(signer.kid))
    return unfit('approver');
  const { organisation, holder } = signer;
  const involved = [requester, ...subjects].some((one) => one.organisation === organisation && one.id === holder.id);
  return involved ? unfit('approver') : allow({ activation: document, approver: holder.id, digest });
}
