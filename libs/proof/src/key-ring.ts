import type {
  Deputising,
  Digest,
  EntityDocument,
  HeldAct,
  HolderKind,
  Instant,
  Interval,
  LocalId,
  OrganisationId,
  PublicJwk,
  Purpose,
  Thumbprint,
} from '@interlock/domain';

/** One key whose right to sign has been traced to a pinned root. */
export interface KnownKey {
  readonly organisation: OrganisationId;
  readonly key: PublicJwk;
  readonly kid: Thumbprint;
  readonly purposes: readonly Purpose[];
  /** Who holds it; null for keys of the organisation itself. */
  readonly holder: { readonly kind: HolderKind; readonly id: LocalId } | null;
  readonly groups: readonly LocalId[];
  readonly guest: boolean;
  /** When an approval of this key counts; null where at any time. */
  readonly hours: readonly Interval[] | null;
  /** In whose place its holder says yes, and when. */
  readonly deputises?: readonly Deputising[] | undefined;
  readonly epoch: number | null;
  readonly resources: readonly LocalId[];
  readonly notBefore: Instant;
  readonly notAfter: Instant;
  /** The document that says all this. */
  readonly document: Digest;
}

export interface KnownEntity {
  readonly document: EntityDocument;
  readonly digest: Digest;
  /** Whether a version was shown that revokes all; then this is the newest of the others, by which the past is read. */
  readonly revoked: boolean;
  /** Digests of this and every earlier version that was shown. */
  readonly history: ReadonlySet<Digest>;
  /** Its root, and every root this one follows. */
  readonly roots: ReadonlySet<Thumbprint>;
  /** When each of its own keys was first named by a version that was shown. */
  readonly since: ReadonlyMap<Thumbprint, Instant>;
}

/** Keys by organisation and thumbprint. A key id alone is never looked up: names are resolved in the namer's own namespace. */
export interface KeyRing {
  readonly entities: ReadonlyMap<OrganisationId, KnownEntity>;
  find(organisation: OrganisationId, kid: Thumbprint, purpose: Purpose): readonly KnownKey[];
  held(organisation: OrganisationId, kind: HolderKind, id: LocalId): readonly KnownKey[];
  /** Every key of the organisation for one purpose, whoever holds it and whenever it is valid. */
  certifiedFor(organisation: OrganisationId, purpose: Purpose): readonly KnownKey[];
  /** The same key for whatever it may be used. */
  known(organisation: OrganisationId, kid: Thumbprint): readonly KnownKey[];
}

export function makeKeyRing(entities: ReadonlyMap<OrganisationId, KnownEntity>, keys: readonly KnownKey[]): KeyRing {
  return {
    entities,
    find: (organisation, kid, purpose) =>
      keys.filter((key) => key.organisation === organisation && key.kid === kid && key.purposes.includes(purpose)),
    certifiedFor: (organisation, purpose) =>
      keys.filter((key) => key.organisation === organisation && key.purposes.includes(purpose)),
    known: (organisation, kid) => keys.filter((key) => key.organisation === organisation && key.kid === kid),
    held: (organisation, kind, id) =>
      keys.filter((key) => key.organisation === organisation && key.holder?.kind === kind && key.holder.id === id),
  };
}

/**
 * The ring without the keys that their own organisation has revoked. Only that organisation can: an act of a partner
 * that names a foreign key takes nothing away.
 */
export function withoutRevoked(ring: KeyRing, acts: Iterable<HeldAct>): KeyRing {
  const revoked = new Set<string>();
  for (const { act } of acts) {
    if (act.verb === 'revoke' && act.target.kind === 'key') revoked.add(`${act.organisation} ${act.target.id}`);
  }
  if (revoked.size === 0) return ring;
  const counts = (key: KnownKey) => !revoked.has(`${key.organisation} ${key.kid}`);
  return {
    entities: ring.entities,
    find: (organisation, kid, purpose) => ring.find(organisation, kid, purpose).filter(counts),
    held: (organisation, kind, id) => ring.held(organisation, kind, id).filter(counts),
    certifiedFor: (organisation, purpose) => ring.certifiedFor(organisation, purpose).filter(counts),
    known: (organisation, kid) => ring.known(organisation, kid).filter(counts),
  };
}
