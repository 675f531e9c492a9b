import type {
  Digest,
  EntityDocument,
  HolderKind,
  Instant,
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
  /** Digests of this and every earlier version that was shown. */
  readonly history: ReadonlySet<Digest>;
}

/** Keys by organisation and thumbprint. A key id alone is never looked up: names are resolved in the namer's own namespace. */
export interface KeyRing {
  readonly entities: ReadonlyMap<OrganisationId, KnownEntity>;
  find(organisation: OrganisationId, kid: Thumbprint, purpose: Purpose): readonly KnownKey[];
  held(organisation: OrganisationId, kind: HolderKind, id: LocalId): readonly KnownKey[];
}

export function makeKeyRing(entities: ReadonlyMap<OrganisationId, KnownEntity>, keys: readonly KnownKey[]): KeyRing {
  return {
    entities,
    find: (organisation, kid, purpose) =>
      keys.filter((key) => key.organisation === organisation && key.kid === kid && key.purposes.includes(purpose)),
    held: (organisation, kind, id) =>
      keys.filter((key) => key.organisation === organisation && key.holder?.kind === kind && key.holder.id === id),
  };
}
