import {
  type ActivateRefusal,
  type Approver,
  type ChainFacts,
  type CountedApprover,
  type CoverRefusal,
  type DelegateRefusal,
  type LocalId,
  type OrganisationId,
  type SignatureBlock,
  type UsedKey,
  within,
} from '@interlock/domain';
import type { EnvelopeRefusal, VerifiedSignature } from './envelope.js';
import type { KeyRing, KnownKey } from './key-ring.js';
import type { ProvenSignatures } from './signature-proof.js';
import type { TrustRefusal } from './trust.js';

export type RightRefusal =
  | TrustRefusal
  | EnvelopeRefusal
  | ActivateRefusal
  | CoverRefusal
  | DelegateRefusal
  | 'delegation_dangling'
  | 'organisation_revoked'
  | 'custody_not_agreed'
  | 'party_root_not_pinned'
  | 'party_entity_unknown'
  | 'grant_of_other_agreement'
  | 'requester_unknown';

/** An agreement and a grant under it, both verified down to the pins. What it allows is for `decide` to say. */
export interface VerifiedRight extends Omit<ChainFacts, 'subject' | 'jkt'> {
  readonly ring: KeyRing;
  readonly proven: ProvenSignatures;
}

/** Whether a key is held by this person, machine or process. */
export const holds = (key: KnownKey, who: { organisation: OrganisationId; id: LocalId }): boolean =>
  key.organisation === who.organisation && key.holder?.id === who.id;

/** Only a person approves: an agent, a machine or an unheld key with that purpose counts for nobody. */
export function asApprover({ signer, signedAt }: VerifiedSignature): Approver[] {
  const { organisation, holder, groups, guest, hours, purposes, deputises = [] } = signer;
  if (!purposes.includes('approve') || holder?.kind !== 'person') return [];
  const deputyFor = deputises
    .filter(({ periods }) => within(periods, signedAt) !== undefined)
    .map((one) => ({ id: one.for, groups: one.groups, resources: one.resources }));
  return [{ organisation, id: holder.id, groups, guest, hours, signedAt, ...(deputyFor.length > 0 && { deputyFor }) }];
}

/** Who it was and which seats he can fill, without what made this one signature count. */
export const asCounted = ({ organisation, id, groups, guest, deputyFor }: CountedApprover): CountedApprover => ({
  organisation,
  id,
  groups,
  guest,
  ...(deputyFor && { deputyFor }),
});

/** What a decision compares revoked keys with. */
export const named = (key: KnownKey): UsedKey => ({ organisation: key.organisation, thumbprint: key.kid });

/** The same of a signature whose time may be proven. */
export const namedSigner =
  (proven: ProvenSignatures) =>
  ({ signer, block }: VerifiedSignature & { readonly block: SignatureBlock }): UsedKey => {
    const at = proven(signer.organisation, block);
    return at ? { ...named(signer), proven: at } : named(signer);
  };
