import type { ChainDocuments } from '@interlock/contracts';
import { chainDocuments } from '@interlock/contracts';
import {
  type Agreement,
  activate,
  allow,
  believable,
  type ChainFacts,
  covered,
  custodyFault,
  type Decision,
  type Digest,
  type Grant,
  type Instant,
  type LocalId,
  lastOf,
  type OrganisationId,
  type Purpose,
  refuse,
  type SubjectRef,
  skewMilliseconds,
  type Thumbprint,
  type VerifiedChain,
} from '@interlock/domain';
import { verifyDelegation } from './delegation.js';
import { type VerifiedDocument, verifyDocument } from './envelope.js';
import type { KeyRing, KnownEntity, KnownKey } from './key-ring.js';
import { thumbprintOf } from './keys.js';
import { NOTHING_PROVEN, type ProvenSignatures, provenSignatures } from './signature-proof.js';
import { type GivenBeforehand, standingIn } from './standing-approval.js';
import { type TokenRefusal, verifyLoginProof } from './token.js';
import { type Pins, trust } from './trust.js';
import {
  asApprover,
  asCounted,
  holds,
  named,
  namedSigner,
  type RightRefusal,
  type VerifiedRight,
} from './verified-right.js';

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

export type ChainRefusal =
  | RightRefusal
  | TokenRefusal
  | 'not_self'
  | 'not_on_provisioning_list'
  | 'proof_of_other_grant'
  | 'not_the_holder'
  | 'subject_unknown';

/** How the subject shows who it is: people by a login proof, machines and workloads by the certificate of their leaf key. */
export type SubjectProof =
  | { readonly loginProof: string }
  /** Of a dormant grant, which names the keys of its subject itself. */
  | { readonly activatedLeaf: Thumbprint }
  | { readonly leaf: Thumbprint; readonly subject: SubjectRef };

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
  const subject =
    'loginProof' in proof
      ? await personBehind(right.value, proof.loginProof, now)
      : 'activatedLeaf' in proof
        ? subjectNamed(right.value, proof.activatedLeaf)
        : machineBehind(right.value, proof, now);
  if (!subject.allowed) return subject;
  const facts: ChainFacts & Omit<FollowedChain, keyof VerifiedChain> = {
    ...right.value,
    subject: subject.value.subject,
    jkt: subject.value.jkt,
    proof: subject.value.proof,
    loggedInAt: subject.value.loggedInAt,
    acr: subject.value.acr ?? null,
    listed: subject.value.listed,
    keys: [...right.value.keys, ...subject.value.keys],
  };
  return allow(facts as FollowedChain);
}

interface Holder {
  readonly subject: SubjectRef;
  readonly jkt: Thumbprint;
  readonly proof: Digest | null;
  readonly loggedInAt: Instant | null;
  readonly acr?: string;
  readonly listed?: ChainFacts['listed'];
  readonly keys: ChainFacts['keys'];
}

async function personBehind(
  right: VerifiedRight,
  token: string,
  now: Instant,
): Promise<Decision<Holder, ChainRefusal>> {
  const login = await verifyLoginProof(token, right.subjectSide, right.owner, right.ring, now);
  if (!login.allowed) return login;
  const { claims, digest, signature } = login.value;
  if (claims.grant !== lastOf(right).id) return refuse('proof_of_other_grant');
  if (!believable(claims.iat * 1000, now, skewMilliseconds(right.agreement)))
    return refuse('signed_in_the_future', { clause: 'clock-skew' });
  const subject: SubjectRef = { organisation: claims.iss, kind: 'person', id: claims.sub };
  const keys = [named(signature.signer), { organisation: claims.iss, thumbprint: claims.jkt }];
  // Nobody logs in after the proof of it was made, whatever it says.
  const loggedInAt = Math.min(claims.auth_time, claims.iat) * 1000;
  const listed = claims.status?.status_list;
  return allow({ subject, jkt: claims.jkt, proof: digest, loggedInAt, acr: claims.acr, listed, keys });
}

function subjectNamed({ grant, delegations }: VerifiedRight, leaf: Thumbprint): Decision<Holder, ChainRefusal> {
  const [subject] = grant.subjects;
  if (!subject || delegations.length > 0 || !grant.dormant?.subjectKeys.includes(leaf)) return refuse('not_the_holder');
  return allow({
    subject,
    jkt: leaf,
    proof: null,
    loggedInAt: null,
    keys: [{ organisation: subject.organisation, thumbprint: leaf }],
  });
}

function machineBehind(
  right: VerifiedRight,
  { leaf, subject }: { leaf: Thumbprint; subject: SubjectRef },
  now: Instant,
): Decision<Holder, ChainRefusal> {
  if (subject.organisation !== right.subjectSide || subject.kind === 'person') return refuse('subject_unknown');
  // The subject of a flow is whoever can open it, so possession is of the opening key.
  const purpose: Purpose = right.grant.kind === 'data-collection' ? 'open' : 'subject';
  const key = right.ring
    .find(subject.organisation, leaf, purpose)
    .find((known) => known.holder?.kind === subject.kind && known.holder.id === subject.id);
  if (!key) return refuse('subject_unknown');
  if (now < key.notBefore) return refuse('key_not_yet_valid');
  if (now >= key.notAfter) return refuse('key_expired');
  return allow({ subject, jkt: leaf, proof: null, loggedInAt: null, keys: [named(key)] });
}
