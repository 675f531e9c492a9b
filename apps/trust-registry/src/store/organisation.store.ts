import type { Tx } from '@interlock/chassis/db';
import type {
  Digest,
  EntityDocument,
  Instant,
  KeyCertificate,
  OrganisationId,
  Signed,
  Thumbprint,
} from '@interlock/domain';

export interface OrganisationRow {
  readonly organisation: OrganisationId;
  readonly root: Thumbprint;
  readonly revision: number;
}

interface RawOrganisation {
  organisation: OrganisationId;
  root: Thumbprint;
  revision: string;
}

const asOrganisation = (row: RawOrganisation): OrganisationRow => ({ ...row, revision: Number(row.revision) });

/**
 * Registers a name for a root if nobody has it, and locks its row to the end of the transaction. Returns who has the name, and
 * undefined where the root already speaks for another name.
 */
export async function registerOrganisation(
  tx: Tx,
  organisation: OrganisationId,
  root: Thumbprint,
  now: Instant,
): Promise<OrganisationRow | undefined> {
  await tx.query(
    `insert into organisations (organisation, root, registered_at) select $1, $2, $3
     where not exists (select from former_roots where root = $2) on conflict do nothing`,
    [organisation, root, now],
  );
  const [row] = await tx.query<RawOrganisation>(
    'select organisation, root, revision from organisations where organisation = $1 for update',
    [organisation],
  );
  return row && asOrganisation(row);
}

export async function organisationOfRoot(tx: Tx, root: Thumbprint): Promise<OrganisationRow | undefined> {
  const [row] = await tx.query<RawOrganisation>(
    `select organisation, root, revision from organisations
     where root = $1 or organisation = (select f.organisation from former_roots f where f.root = $1)`,
    [root],
  );
  return row && asOrganisation(row);
}

/**
 * Lets another root speak for a name; partners who pinned the one before still find it by that. Answers whether no other name ever had it. The caller
 * holds the row of the name.
 */
export async function followRoot(
  tx: Tx,
  organisation: OrganisationId,
  from: Thumbprint,
  to: Thumbprint,
): Promise<boolean> {
  const taken = await tx.query(
    'select from organisations where root = $1 union all select from former_roots where root = $1',
    [to],
  );
  if (taken.length > 0) return false;
  await tx.query('insert into former_roots (root, organisation) values ($1, $2)', [from, organisation]);
  await tx.query('update organisations set root = $2 where organisation = $1', [organisation, to]);
  return true;
}

export async function findOrganisations(tx: Tx, names: readonly OrganisationId[]): Promise<OrganisationRow[]> {
  const rows = await tx.query<RawOrganisation>(
    'select organisation, root, revision from organisations where organisation = any ($1) order by organisation',
    [names],
  );
  return rows.map(asOrganisation);
}

export async function countOrganisations(tx: Tx): Promise<number> {
  const [row] = await tx.query<{ count: string }>('select count(*) from organisations');
  return Number(row?.count ?? 0);
}

/** Marks that something was published, for whoever caches by revision. */
export async function raiseRevision(tx: Tx, organisation: OrganisationId): Promise<void> {
  await tx.query('update organisations set revision = revision + 1 where organisation = $1', [organisation]);
}

export interface EntityRow {
  readonly organisation: OrganisationId;
  readonly sequence: number;
  readonly digest: Digest;
  readonly entity: Signed<EntityDocument>;
}

interface RawEntity {
  organisation: OrganisationId;
  sequence: string;
  digest: Digest;
  body: string;
}

const asEntity = (row: RawEntity): EntityRow => ({
  organisation: row.organisation,
  sequence: Number(row.sequence),
  digest: row.digest,
  entity: JSON.parse(row.body) as Signed<EntityDocument>,
});

/** All versions of one organisation, newest first. */
export async function entityVersions(tx: Tx, organisation: OrganisationId): Promise<EntityRow[]> {
  const rows = await tx.query<RawEntity>(
    'select organisation, sequence, digest, body from entities where organisation = $1 order by sequence desc',
    [organisation],
  );
  return rows.map(asEntity);
}

/** The newest version of each organisation, and the versions named by `digests`. */
export async function entitiesNeeded(
  tx: Tx,
  organisations: readonly OrganisationId[],
  digests: readonly Digest[],
): Promise<EntityRow[]> {
  const rows = await tx.query<RawEntity>(
    `select organisation, sequence, digest, body from entities e
     where organisation = any ($1) and (digest = any ($2)
       or sequence = (select max(n.sequence) from entities n where n.organisation = e.organisation))
     order by organisation, sequence desc`,
    [organisations, digests],
  );
  return rows.map(asEntity);
}

export async function insertEntity(tx: Tx, digest: Digest, entity: Signed<EntityDocument>): Promise<void> {
  const { organisation, sequence, expiresAt } = entity.document;
  await tx.query(
    'insert into entities (organisation, sequence, digest, body, expires_at) values ($1, $2, $3, $4, $5)',
    [organisation, sequence, digest, JSON.stringify(entity), expiresAt],
  );
}

export interface CertificateRow {
  readonly digest: Digest;
  readonly certificate: Signed<KeyCertificate>;
}

/** Stores verified certificates, each once; returns the digests of those that were not there, or not current. */
export async function keepCertificates(
  tx: Tx,
  all: readonly { readonly digest: Digest; readonly kid: Thumbprint; readonly certificate: Signed<KeyCertificate> }[],
): Promise<Digest[]> {
  const rows = new Map(
    all.map(({ digest, kid, certificate }) => {
      const { organisation, entity, holder, purposes, resources, notBefore, notAfter } = certificate.document;
      const { kind, id } = holder;
      const body = JSON.stringify(certificate);
      return [digest, { digest, kid, organisation, entity, kind, id, purposes, resources, notBefore, notAfter, body }];
    }),
  );
  const kept = await tx.query<{ digest: Digest }>(
    `insert into certificates as c (organisation, digest, entity, kid, holder_kind, holder_id, purposes, resources, not_before,
       not_after, body)
     select r.organisation, r.digest, r.entity, r.kid, r.kind, r.id, array(select jsonb_array_elements_text(r.purposes)),
       array(select jsonb_array_elements_text(r.resources)), r."notBefore", r."notAfter", r.body
     from jsonb_to_recordset($1::jsonb) as r (organisation text, digest text, entity text, kid text, kind text, id text,
       purposes jsonb, resources jsonb, "notBefore" bigint, "notAfter" bigint, body text)
     on conflict (digest) do update set is_current = true, body = excluded.body where not c.is_current returning digest`,
    [JSON.stringify([...rows.values()])],
  );
  return kept.map((row) => row.digest);
}

/** Which certificates are asked for; every condition that is given must hold. */
export interface CertificateFilter {
  readonly organisations: readonly OrganisationId[];
  /** Certificates that ended before this are left out. */
  readonly endedBefore: Instant;
  readonly kids?: readonly Thumbprint[];
}

/** Current certificates, newest first, at most 1,000. */
export async function currentCertificates(tx: Tx, filter: CertificateFilter): Promise<CertificateRow[]> {
  const rows = await tx.query<{ digest: Digest; body: string }>(
    `select digest, body from certificates where is_current and organisation = any ($1) and not_after > $2
       and ($3::text[] is null or kid = any ($3)) order by not_after desc, digest limit 1000`,
    [filter.organisations, filter.endedBefore, filter.kids ?? null],
  );
  return rows.map(asCertificate);
}

/** Which certificates are served with an agreement; null for `only` means all that are current. */
export interface DocumentsNeeded {
  readonly organisations: readonly OrganisationId[];
  readonly endedBefore: Instant;
  /** Entity documents wanted beside the newest and those the certificates hang on. */
  readonly entities: readonly Digest[];
  /** A chain needs its signers', its subjects', the parties' agents' and the owner's gateways' certificates. */
  readonly only: {
    readonly kids: readonly Thumbprint[];
    readonly subjects: readonly { readonly organisation: string; readonly kind: string; readonly id: string }[];
    readonly owner: OrganisationId;
    readonly resources: readonly string[];
    readonly witnesses: boolean;
  } | null;
}

export interface PublishedDocuments {
  readonly entities: Signed<EntityDocument>[];
  readonly certificates: Signed<KeyCertificate>[];
}

/** Current certificates as needed, at most 1,000, and the entity documents they hang on, in one statement. */
export async function documentsNeeded(tx: Tx, need: DocumentsNeeded): Promise<PublishedDocuments> {
  const { only } = need;
  const [row] = await tx.query<{
    entities: PublishedDocuments['entities'];
    certificates: PublishedDocuments['certificates'];
  }>(
    `with c as materialized (
       select body, entity, kid = any ($4) as is_signer, not_after, digest from certificates c
       where is_current and organisation = any ($1) and not_after > $2 and ($3 or kid = any ($4) or holder_kind = 'agent' or ($11 and holder_kind = 'witness')
         or (organisation = $5 and holder_kind = 'gateway' and resources && $6)
         or exists (select from unnest($7::text[], $8::text[], $9::text[]) as s (organisation, kind, id)
            where s.organisation = c.organisation and s.kind = c.holder_kind and s.id = c.holder_id))
       order by is_signer desc, not_after desc, digest limit 1000)
     select coalesce((select json_agg(c.body::json order by c.is_signer desc, c.not_after desc, c.digest) from c), '[]') as certificates,
       coalesce((select json_agg(e.body::json order by e.organisation, e.sequence desc) from entities e
         where e.organisation = any ($1) and (e.digest = any ($10) or e.digest in (select c.entity from c)
           or e.sequence = (select max(n.sequence) from entities n where n.organisation = e.organisation))), '[]') as entities`,
    [
      need.organisations,
      need.endedBefore,
      only === null,
      only?.kids ?? [],
      only?.owner ?? '',
      only?.resources ?? [],
      only?.subjects.map((subject) => subject.organisation) ?? [],
      only?.subjects.map((subject) => subject.kind) ?? [],
      only?.subjects.map((subject) => subject.id) ?? [],
      need.entities,
      only?.witnesses ?? false,
    ],
  );
  return { entities: row?.entities ?? [], certificates: row?.certificates ?? [] };
}

const asCertificate = (row: { digest: Digest; body: string }): CertificateRow => ({
  digest: row.digest,
  certificate: JSON.parse(row.body) as Signed<KeyCertificate>,
});

/** Takes certificates out of use that the newest entity document no longer carries. */
export async function dropCertificates(tx: Tx, digests: readonly Digest[]): Promise<void> {
  await tx.query('update certificates set is_current = false where digest = any ($1)', [digests]);
}
