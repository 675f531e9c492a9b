import type { ChainDocuments } from '@interlock/contracts';
import {
  type Approver,
  allow,
  type Decision,
  type Delegation,
  type Digest,
  delegated,
  type Instant,
  type OrganisationId,
  type PersonRef,
  type Purpose,
  type Right,
  refuse,
  rightsOf,
  type UsedKey,
} from '@interlock/domain';
import { verifyDocument } from './envelope.js';
import type { KnownKey } from './key-ring.js';
import { asApprover, asCounted, holds, namedSigner, type RightRefusal, type VerifiedRight } from './verified-right.js';

export type GivenDelegation = NonNullable<ChainDocuments['delegations']>[number];

/** A delegation as far as it is signed: the delegator's signature stands, and what it says is inside the right it hangs on. */
export interface HandedOn {
  readonly document: Delegation;
  readonly digest: Digest;
  readonly subjectSide: OrganisationId;
  readonly approvers: readonly Approver[];
  /** Who signed, in the order of the signatures. */
  readonly signers: readonly KnownKey[];
  readonly keys: readonly UsedKey[];
  readonly delegator: KnownKey;
  /** Whether nothing is missing: the owner approved it, or need not. */
  readonly complete: boolean;
}

/**
 * Reads one delegation under a verified right. Approvals that are still missing make it incomplete; everything else that is not right is
 * a refusal.
 */
export async function readDelegation(
  input: GivenDelegation,
  right: VerifiedRight,
  now: Instant,
): Promise<Decision<HandedOn, RightRefusal>> {
  const claimed: Delegation = input.document;
  const parent = right.delegations.at(-1)?.digest ?? right.grantDigest;
  if (claimed.parent !== parent) return refuse('delegation_dangling', { clause: 'parent' });
  const handed = { issuer: claimed.requester.organisation, purpose: 'delegate' as Purpose };
  const demands = [handed, { issuer: right.owner, purpose: 'approve' as Purpose }];
  const whole = await verifyDocument('delegation', input, right.ring, demands, now);
  // Whether the owner's yes is needed at all is for the rule to say, once the delegator's own signature stands.
  const alone = !whole.allowed && whole.refusal.code === 'signature_missing';
  const verified = alone ? await verifyDocument('delegation', input, right.ring, [handed], now) : whole;
  if (!verified.allowed) return whole.allowed ? verified : whole;
  const { document, digest } = verified.value;
  const signatures = verified.value.signers;
  const signers = signatures.map((signature) => signature.signer);
  const delegator = signers.find((key) => isDelegator(key, document));
  if (!delegator) return refuse('delegator_not_subject');
  const approvers = signatures.filter(({ signer }) => signer !== delegator).flatMap(asApprover);
  const above = rightsOf(right) as [Right, ...Right[]];
  const inside = delegated(document, above, right.agreement, approvers, now);
  if (!inside.allowed && inside.refusal.code !== 'approvals_missing') return inside;
  const subjectSide = document.subjects[0]?.organisation ?? right.subjectSide;
  const keys = signatures.map(namedSigner(right.proven));
  return allow({ document, digest, signers, keys, delegator, approvers, subjectSide, complete: inside.allowed });
}

/** Verifies one delegation under the right that has been verified so far, and adds it to that right. */
export async function verifyDelegation(
  input: GivenDelegation,
  right: VerifiedRight,
  now: Instant,
): Promise<Decision<VerifiedRight, RightRefusal>> {
  const read = await readDelegation(input, right, now);
  if (!read.allowed) return read;
  const { document, digest, subjectSide, approvers, signers, keys, complete } = read.value;
  if (!complete) return refuse('approvals_missing', { clause: 'delegation' });
  return allow({
    ...right,
    subjectSide,
    delegations: [...right.delegations, { document, digest }],
    approvers: [
      ...right.approvers,
      ...approvers.map(asCounted).filter((one) => !right.approvers.some((had) => samePerson(had, one))),
    ],
    keys: [...right.keys, ...keys],
    documents: [...right.documents, digest, ...signers.map((key) => key.document)],
  });
}

/** The delegator's own `delegate` key: a login, or a key of his for another purpose, hands nothing on. */
const isDelegator = (key: KnownKey, { requester }: Delegation): boolean =>
  key.purposes.includes('delegate') && key.holder?.kind === 'person' && holds(key, requester);

const samePerson = (a: PersonRef, b: PersonRef): boolean => a.organisation === b.organisation && a.id === b.id;
