import type { ChainDocuments } from '@interlock/contracts';
import { chainDocuments } from '@interlock/contracts';
import {
  type Agreement,
  activate,
  allow,
  type ChainFacts,
  covered,
  custodyFault,
  type Decision,
  type Digest,
  type Grant,
  type Instant,
  type LocalId,
  type OrganisationId,
  type Purpose,
  refuse,
  type Thumbprint,
  type VerifiedChain,
} from '@interlock/domain';
import { verifyDelegation } from './delegation.js';
import { type VerifiedDocument, verifyDocument } from './envelope.js';
import type { KeyRing, KnownEntity, KnownKey } from './key-ring.js';
import { thumbprintOf } from './keys.js';
import { NOTHING_PROVEN, type ProvenSignatures, provenSignatures } from './signature-proof.js';
import { type GivenBeforehand, standingIn } from './standing-approval.js';
import { type ChainRefusal, type SubjectProof, subjectOf } from './subject-proof.js';
import { type Pins, trust } from './trust.js';
import { asApprover, asCounted, holds, namedSigner, type RightRefusal, type VerifiedRight } from './verified-right.js';

/** Verifies one agreement version: signed by every party, each known by the pinned root that stands in it. */
export async function verifyAgreement(
  input: unknown,
  ring: KeyRing,
  pins: Pins,
  now: Instant,
): Promise<Decision<VerifiedDocument<Agreement>, RightRefusal>> {
  const parties = partiesOf(input);
  if (!parties) return refuse('malformed', { clause: 'agreement' });
  const demands = parties.map((issuer) => ({ issuer, purpose: 'agreement' as Purpose }));
  const verified = await verifyDocument('agreement', input, ring, demands, now);
  if (!verified.allowed) return verified;
  for (const party of verified.value.document.parties) {
    const known = ring.entities.get(party.organisation);
    // Each company signed the thumbprints it compared out of band: a swapped root shows here. One that was followed since still counts.
    if (!isRootOf(party.root, pins.get(party.organisation), known))
      return refuse('party_root_not_pinned', { clause: party.organisation });
    if (!known?.history.has(party.entity)) {
      return refuse('party_entity_unknown', { clause: party.organisation });
    }
  }
  const single = custodyFault(verified.value.document, (party) => purposesOfKeys(ring, party));
  if (single) return refuse('custody_not_agreed', { clause: single });
  const active = activate(verified.value.document, now);
  return active.allowed ? verified : active;
}

/** For each key that speaks for an organisation, all that it is published for here: by the entity document, and by certificates of whoever holds it. */
function purposesOfKeys(ring: KeyRing, organisation: OrganisationId): readonly (readonly Purpose[])[] {
  const known = ring.entities.get(organisation);
  if (!known) return [];
  const { root, keys } = known.document;
  return [root, ...keys.map(({ key }) => key)].map((key) => {
    const kid = thumbprintOf(key);
    const published = ring.known(organisation, kid).flatMap(({ purposes }) => purposes);
    return known.roots.has(kid) ? ['root', ...published] : published;
  });
}

/** Whether a root is the pinned one, or one of the line that the pinned one is in. */
export const isRootOf = (root: Thumbprint, pin: Thumbprint | undefined, known: KnownEntity | undefined): boolean =>
  pin !== undefined && (root === pin || (known?.roots.has(pin) === true && known.roots.has(root)));

function partiesOf(input: unknown): readonly OrganisationId[] | undefined {
  const shape = chainDocuments.shape.agreement.safeParse(input);
  return shape.success ? shape.data.document.parties.map((party) => party.organisation) : undefined;
}

/** Verifies entity documents, certificates, agreement and grant of one right, whoever its owner is. */
export async function verifyRight(
  documents: unknown,
  pins: Pins,
  now: Instant,
): Promise<Decision<VerifiedRight, RightRefusal>> {
  const shape = chainDocuments.safeParse(documents);
  if (!shape.success) return refuse('malformed', { detail: shape.error.issues[0]?.path.join('.') ?? '' });
  const given: ChainDocuments = shape.data;
  const ring = await trust(given.entities, given.certificates, pins, now);
  if (!ring.allowed) return ring;
  const revoked = [...ring.value.entities.values()].find((entity) => entity.revoked);
  if (revoked) return refuse('organisation_revoked', { clause: revoked.document.organisation });
  const stale = [...ring.value.entities.values()].find(({ document }) => now >= document.expiresAt);
  if (stale) return refuse('entity_expired', { clause: stale.document.organisation });
  const agreement = await verifyAgreement(given.agreement, ring.value, pins, now);
  if (!agreement.allowed) return agreement;
  const proven = provenSignatures(given.proofs ?? [], ring.value, agreement.value.document);
  const standing = await standingIn(given.standingApproval, agreement.value, ring.value, now, proven);
  if (!standing.allowed) return standing;
  const granted = await verifyGrant(given.grant, agreement.value, ring.value, now, proven, standing.value);
  if (!granted.allowed) return granted;
  let right = granted.value;
  for (const delegation of given.delegations ?? []) {
    const under = await verifyDelegation(delegation, right, now);
    if (!under.allowed) return under;
    right = under.value;
  }
  return allow(right);
}

/** Verifies one grant under an agreement and a key ring that were verified before: what many grants rest on is checked once. */
export async function verifyGrant(
  input: ChainDocuments['grant'],
  agreement: VerifiedDocument<Agreement>,
  ring: KeyRing,
  now: Instant,
  proven: ProvenSignatures = NOTHING_PROVEN,
  standing?: GivenBeforehand,
): Promise<Decision<VerifiedRight, RightRefusal>> {
  const claimed: Grant = input.document;
  if (claimed.agreement !== agreement.digest || claimed.agreementId !== agreement.document.id)
    return refuse('grant_of_other_agreement');
  const owner = claimed.resources[0]?.owner;
  if (!owner) return refuse('malformed', { clause: 'grant' });
  const asked = { issuer: claimed.requester.organisation, purpose: 'grant' as Purpose };
  // Under a standing approval nobody of the owner signs the grant itself; a signature that is not asked for is refused.
  const demands = standing ? [asked] : [asked, { issuer: owner, purpose: 'approve' as Purpose }];
  const verified = await verifyDocument('grant', input, ring, demands, now);
  if (!verified.allowed) return verified;
  const signatures = verified.value.signers;
  const signers = signatures.map((signature) => signature.signer);
  const requester = signers.find((key) => key.purposes.includes('grant') && holds(key, claimed.requester));
  if (!requester) return refuse('requester_unknown');
  const own = signatures.filter(({ signer }) => signer !== requester).flatMap(asApprover);
  const approvers = standing?.approvers ?? own;
  const cover = covered(verified.value.document, agreement.document, claimed.requester, approvers, now, standing);
  if (!cover.allowed) return cover;
  return allow({
    ...{ ...cover.value, ring, proven, delegations: [], agreement: agreement.document },
    ...(standing && { standingApproval: { document: standing.document, digest: standing.digest } }),
    agreementDigest: agreement.digest,
    grant: verified.value.document,
    grantDigest: verified.value.digest,
    approvers: approvers.map(asCounted),
    keys: [...[...agreement.signers, ...signatures].map(namedSigner(proven)), ...(standing?.keys ?? [])],
    documents: documentsOf(agreement.digest, verified.value.digest, signers, standing),
  });
}

/** The digests of everything a grant rests on, itself among them. */
const documentsOf = (agreement: Digest, grant: Digest, signers: readonly KnownKey[], standing?: GivenBeforehand) => [
  agreement,
  ...(standing ? [standing.digest] : []),
  grant,
  ...[...signers, ...(standing?.signers ?? [])].map((key) => key.document),
];

/** The enforcement point itself: whose it is, and what its own company lets it enforce for. */
export interface Self {
  readonly organisation: OrganisationId;
  readonly resources: readonly LocalId[];
}

/** A whole chain, with what it was followed by. */
export interface FollowedChain extends VerifiedChain {
  readonly ring: KeyRing;
  /** Digest of the login proof; null for who shows a certificate. */
  readonly proof: Digest | null;
  /** When the person logged in, as the person's own company says; null for who shows a certificate. */
  readonly loggedInAt: Instant | null;
  /** How, as the person's own company says; null for who shows a certificate. */
  readonly acr: string | null;
}

/**
 * The whole chain, at the enforcement point of the resource's owner: pins, entity documents, certificates, agreement, grant,
 * subject. The owner must be `self` and every resource must stand on this point's own provisioning list, so that an agreement
 * of two strangers, or of a vendor with itself, that names this plant's press is refused here whatever the broker says.
 */
export async function verifyChain(
  documents: unknown,
  pins: Pins,
  self: Self,
  proof: SubjectProof,
  now: Instant,
): Promise<Decision<FollowedChain, ChainRefusal>> {
  const right = await verifyRight(documents, pins, now);
  if (!right.allowed) return right;
  if (right.value.owner !== self.organisation) return refuse('not_self');
  if (!right.value.grant.resources.every((resource) => self.resources.includes(resource.id)))
    return refuse('not_on_provisioning_list');
  const subject = await subjectOf(right.value, proof, now);
  if (!subject.allowed) return subject;
  const facts: ChainFacts & Omit<FollowedChain, keyof VerifiedChain> = {
    ...right.value,
    subject: subject.value.subject,
    login: subject.value.login,
    jkt: subject.value.jkt,
    proof: subject.value.proof,
    loggedInAt: subject.value.loggedInAt,
    acr: subject.value.acr ?? null,
    listed: subject.value.listed,
    keys: [...right.value.keys, ...subject.value.keys],
  };
  return allow(facts as FollowedChain);
}
