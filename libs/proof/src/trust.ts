import { signedCertificate, signedEntity } from '@interlock/contracts';
import {
  allow,
  type Decision,
  type Digest,
  type EntityDocument,
  type Instant,
  type KeyCertificate,
  type OrganisationId,
  type Purpose,
  refuse,
  revokesAll,
  type Signed,
  type Thumbprint,
} from '@interlock/domain';
import { canonicalBytes, digestOf } from './canonical-json.js';
import { checkSignature, documentTyp, type EnvelopeRefusal, verifyDocument } from './envelope.js';
import { type KeyRing, type KnownEntity, type KnownKey, makeKeyRing } from './key-ring.js';
import { thumbprintOf } from './keys.js';
import { rootLine, rootsBefore, rootsFork, type VerifiedEntity } from './root-line.js';

/** Root thumbprints learned out of band, by organisation. */
export type Pins = ReadonlyMap<OrganisationId, Thumbprint>;

export type TrustRefusal =
  | EnvelopeRefusal
  | 'not_pinned'
  | 'root_mismatch'
  | 'entity_expired'
  | 'entity_too_long'
  | 'entity_fork'
  | 'reference_cyclic'
  | 'certificate_dangling'
  | 'certificate_too_long';

/** An entity document may live this long, in milliseconds. */
export const ENTITY_LONGEST = 90 * 86_400_000;

/** How long a key may be certified for what must not outlive a theft, in milliseconds (trust model, section 4). */
export const CERTIFICATE_LONGEST: Readonly<Partial<Record<Purpose, number>>> = {
  beat: 86_400_000,
  open: 7 * 86_400_000,
};

/**
 * Verifies entity documents against the pins, and key certificates against the entity documents they name. Everything that is later
 * trusted to sign is in the ring this returns. Whether an entity is expired is for the key's user to ask: narrowing must still work.
 */
export async function trust(
  entities: readonly unknown[],
  certificates: readonly unknown[],
  pins: Pins,
  now: Instant,
): Promise<Decision<KeyRing, TrustRefusal>> {
  const known = await verifyEntities(entities, pins, now);
  if (!known.allowed) return known;
  const keys: KnownKey[] = [...known.value.values()].flatMap(ownKeys);
  const own = makeKeyRing(known.value, keys);
  for (const input of certificates) {
    const key = await verifyCertificate(input, own, now);
    if (!key.allowed) return key;
    keys.push(key.value);
  }
  return allow(makeKeyRing(known.value, keys));
}

async function verifyEntities(
  inputs: readonly unknown[],
  pins: Pins,
  now: Instant,
): Promise<Decision<ReadonlyMap<OrganisationId, KnownEntity>, TrustRefusal>> {
  const versions = new Map<OrganisationId, VerifiedEntity[]>();
  const earlier: { readonly input: unknown; readonly refused: Decision<never, TrustRefusal> }[] = [];
  const take = (verified: VerifiedEntity) => {
    const { organisation } = verified.document;
    versions.set(organisation, [...(versions.get(organisation) ?? []), verified]);
  };
  for (const input of inputs) {
    const verified = await verifyEntity(input, pins, now);
    if (verified.allowed) take(verified.value);
    else if (verified.refusal.code === 'root_mismatch') earlier.push({ input, refused: verified });
    else return verified;
  }
  const before = rootsBefore(versions);
  // Of a root that the pinned one follows: it is read where the pinned one says so.
  for (const { input, refused } of earlier) {
    const verified = await verifyEntity(input, before, now);
    if (!verified.allowed) return refused;
    take(verified.value);
  }
  const known = new Map<OrganisationId, KnownEntity>();
  for (const [organisation, list] of versions) {
    const entity = entityOf(list);
    if (!entity.allowed) return entity;
    if (entity.value) known.set(organisation, entity.value);
  }
  return allow(known);
}

/** What all versions of one entity that were shown say together. */
function entityOf(list: readonly VerifiedEntity[]): Decision<KnownEntity | undefined, TrustRefusal> {
  const revoked = list.some(({ document }) => revokesAll(document));
  const ordered = [...list].sort((a, b) => b.document.sequence - a.document.sequence);
  const newest = ordered.find(({ document }) => !revokesAll(document)) ?? ordered[0];
  if (!newest) return allow(undefined);
  // Two documents of one number signed by one root: nobody can say which one counts.
  const forked = ordered.some((one, at) =>
    ordered.some(
      (other, there) => there > at && one.document.sequence === other.document.sequence && one.digest !== other.digest,
    ),
  );
  const { organisation } = newest.document;
  if (forked) return refuse('entity_fork', { clause: organisation });
  if (rootsFork(newest, ordered)) return refuse('entity_fork', { clause: organisation });
  const history = new Set(ordered.map((version) => version.digest));
  const since = keysSince(ordered.map((version) => version.document));
  return allow({ ...newest, revoked, history, roots: new Set(newest.roots), since });
}

/** When each key was first named by a version that was shown: a new version must not unsay what was signed under an older one. */
function keysSince(versions: readonly EntityDocument[]): ReadonlyMap<Thumbprint, Instant> {
  const since = new Map<Thumbprint, Instant>();
  for (const { keys, issuedAt } of versions) {
    for (const { key } of keys) {
      const kid = thumbprintOf(key);
      since.set(kid, Math.min(since.get(kid) ?? issuedAt, issuedAt));
    }
  }
  return since;
}

/** One entity document against its pin: the root inside must be the pinned one, or follow it by the signature of each before it, and must have signed. */
export async function verifyEntity(
  input: unknown,
  pins: Pins,
  now: Instant,
): Promise<Decision<VerifiedEntity, TrustRefusal>> {
  const shape = signedEntity.safeParse(input);
  if (!shape.success)
    return refuse('malformed', { clause: 'entity', detail: shape.error.issues[0]?.path.join('.') ?? '' });
  const { document, signatures }: Signed<EntityDocument> = shape.data;
  const pin = pins.get(document.organisation);
  if (!pin) return refuse('not_pinned', { clause: document.organisation });
  const kid = thumbprintOf(document.root);
  const roots = await rootLine(document, now);
  if (!roots.allowed) return roots;
  if (!roots.value.includes(pin)) return refuse('root_mismatch', { clause: document.organisation });
  const lifetime = document.expiresAt - document.issuedAt;
  if (lifetime <= 0 || lifetime > ENTITY_LONGEST) return refuse('entity_too_long', { clause: document.organisation });
  if (revokesAll(document) && document.keys.length > 0) return refuse('malformed', { clause: 'entity.keys' });
  const digest = digestOf(document);
  const root: KnownKey = { ...unheld(document, digest), key: document.root, kid, purposes: ['root'] };
  const ring = makeKeyRing(new Map(), [root]);
  const payload = canonicalBytes(document).toString('base64url');
  for (const block of signatures) {
    const checked = await checkSignature(block, payload, ring, {
      typ: documentTyp('entity'),
      purpose: 'root',
      issuer: document.organisation,
      now,
      expiredMayNarrow: true,
    });
    if (!checked.allowed) return refuse(checked.refusal.code, { clause: 'entity' });
  }
  return allow({ document, digest, roots: roots.value });
}

const unheld = (document: EntityDocument, digest: Digest) => ({
  organisation: document.organisation,
  holder: null,
  groups: [],
  guest: false,
  hours: null,
  epoch: null,
  resources: [],
  notBefore: document.issuedAt,
  notAfter: document.expiresAt,
  document: digest,
});

const ownKeys = ({ document, digest, since }: KnownEntity): readonly KnownKey[] =>
  document.keys.map(({ key, purposes }) => ({
    ...unheld(document, digest),
    notBefore: since.get(thumbprintOf(key)) ?? document.issuedAt,
    key,
    kid: thumbprintOf(key),
    // A root key is only what the pin says; an entity document cannot make another key a root.
    purposes: purposes.filter((purpose) => purpose !== 'root'),
  }));

async function verifyCertificate(
  input: unknown,
  ring: KeyRing,
  now: Instant,
): Promise<Decision<KnownKey, TrustRefusal>> {
  const shape = signedCertificate.safeParse(input);
  if (!shape.success) return refuse('malformed', { clause: 'key-certificate' });
  const certificate: KeyCertificate = shape.data.document;
  const entity = ring.entities.get(certificate.organisation);
  if (!entity) return refuse('not_pinned', { clause: certificate.organisation });
  if (!entity.history.has(certificate.entity)) return refuse('certificate_dangling', { clause: certificate.holder.id });
  const life = certificate.notAfter - certificate.notBefore;
  if (certificate.purposes.some((purpose) => life > (CERTIFICATE_LONGEST[purpose] ?? Number.POSITIVE_INFINITY)))
    return refuse('certificate_too_long', { clause: certificate.holder.id });
  const verified = await verifyDocument(
    'key-certificate',
    input,
    ring,
    [{ issuer: certificate.organisation, purpose: 'certify' }],
    now,
    { expiredMayNarrow: true },
  );
  if (!verified.allowed) return verified;
  return allow({
    organisation: certificate.organisation,
    key: certificate.key,
    kid: thumbprintOf(certificate.key),
    // Only the entity document names keys that speak for the organisation itself.
    purposes: certificate.purposes.filter((purpose) => !['root', 'certify', 'agreement'].includes(purpose)),
    holder: certificate.holder,
    groups: certificate.groups,
    guest: certificate.guest,
    hours: certificate.hours ?? null,
    deputises: certificate.deputises,
    epoch: certificate.epoch,
    resources: certificate.resources,
    notBefore: Math.max(certificate.notBefore, 0),
    notAfter: Math.min(certificate.notAfter, entity.document.expiresAt),
    document: verified.value.digest,
  });
}
