import type { Tx } from '@interlock/chassis/db';
import type {
  Act,
  Agreement,
  AgreementId,
  Digest,
  HeldAct,
  Instant,
  OrganisationId,
  SignatureBlock,
  Signed,
  Thumbprint,
  VersionStatus,
} from '@interlock/domain';
import type { AnnexRow } from './annex.store.js';

/** One version of an agreement with the signatures it has. */
export interface AgreementRow {
  readonly id: AgreementId;
  readonly version: number;
  readonly digest: Digest;
  readonly status: VersionStatus;
  readonly parties: readonly OrganisationId[];
  readonly proposedBy: OrganisationId;
  readonly document: Agreement;
  readonly signatures: readonly { readonly organisation: OrganisationId; readonly block: SignatureBlock }[];
}

interface Raw extends Pick<AgreementRow, 'id' | 'version' | 'digest' | 'status'> {
  parties: OrganisationId[];
  proposed_by: OrganisationId;
  body: string;
  signers: OrganisationId[];
  blocks: string[];
}

const asRow = (raw: Raw): AgreementRow => ({
  id: raw.id,
  version: raw.version,
  digest: raw.digest,
  status: raw.status,
  parties: raw.parties,
  proposedBy: raw.proposed_by,
  document: JSON.parse(raw.body) as Agreement,
  signatures: raw.signers.map((organisation, at) => ({
    organisation,
    block: JSON.parse(raw.blocks[at] ?? 'null') as SignatureBlock,
  })),
});

const COLUMNS = `a.id, a.version, a.digest, a.status, a.parties, a.proposed_by, a.body,
  array(select s.organisation from signatures s where s.agreement_id = a.id and s.version = a.version order by s.organisation) as signers,
  array(select s.body from signatures s where s.agreement_id = a.id and s.version = a.version order by s.organisation) as blocks`;
/** In force first, then the newest. */
const COUNTS_FIRST = `a.status in ('active', 'suspended', 'terminating') desc, a.version desc`;

/** The version that counts now: the one in force, or the newest where none is. */
export async function versionThatCounts(tx: Tx, id: AgreementId): Promise<AgreementRow | undefined> {
  const [raw] = await tx.query<Raw>(
    `select ${COLUMNS} from agreements a where a.id = $1 order by ${COUNTS_FIRST} limit 1`,
    [id],
  );
  return raw && asRow(raw);
}

/** As `versionThatCounts`, with everything else that is kept under the agreement: one question for what is asked most often. */
export async function versionWithActs(
  tx: Tx,
  id: AgreementId,
): Promise<{ row: AgreementRow; acts: ActRow[]; pins: PinRow[]; annexes: AnnexRow[] } | undefined> {
  const [raw] = await tx.query<Raw & { acts: ActRow[] | null; pins: PinRow[] | null; annexes: AnnexRow[] | null }>(
    `select ${COLUMNS},
       (select json_agg(json_build_object('act', k.body::json, 'digest', k.digest, 'signers', k.signers, 'heldAt', k.held_at) order by k.held_at, k.digest)
        from acts k where k.agreement_id = a.id) as acts,
       (select json_agg(json_build_object('annex', x.body::json, 'digest', x.digest, 'signers', x.signers) order by x.held_at, x.digest)
        from annexes x where x.agreement_id = a.id) as annexes,
       (select json_agg(json_build_object('organisation', o.organisation, 'root', o.root, 'revision', o.revision))
        from organisations o where o.organisation = any (a.parties)) as pins
     from agreements a where a.id = $1 order by ${COUNTS_FIRST} limit 1`,
    [id],
  );
  return raw && { row: asRow(raw), acts: raw.acts ?? [], pins: raw.pins ?? [], annexes: raw.annexes ?? [] };
}

export interface PinRow {
  readonly organisation: OrganisationId;
  readonly root: Thumbprint;
  readonly revision: number;
}

/** The newest version, whatever its status. */
export async function newestVersion(tx: Tx, id: AgreementId): Promise<AgreementRow | undefined> {
  const [raw] = await tx.query<Raw>(
    `select ${COLUMNS} from agreements a where a.id = $1 order by a.version desc limit 1`,
    [id],
  );
  return raw && asRow(raw);
}

/** Locks every version of an agreement to the end of the transaction, so that two signatures or acts cannot miss each other. */
export async function lockAgreement(tx: Tx, id: AgreementId): Promise<void> {
  await tx.query('select version from agreements where id = $1 order by version for update', [id]);
}

export async function versionNumbered(tx: Tx, id: AgreementId, version: number): Promise<AgreementRow | undefined> {
  const [raw] = await tx.query<Raw>(`select ${COLUMNS} from agreements a where a.id = $1 and a.version = $2`, [
    id,
    version,
  ]);
  return raw && asRow(raw);
}

/** Versions before this one that have not begun: they never will, once it is in force. */
export async function unbegunBefore(tx: Tx, id: AgreementId, version: number): Promise<AgreementRow[]> {
  const rows = await tx.query<Raw>(
    `select ${COLUMNS} from agreements a where a.id = $1 and a.version < $2 and a.status in ('proposed', 'countersigned')`,
    [id, version],
  );
  return rows.map(asRow);
}

export async function versionOfDigest(tx: Tx, id: AgreementId, digest: Digest): Promise<AgreementRow | undefined> {
  const [raw] = await tx.query<Raw>(`select ${COLUMNS} from agreements a where a.id = $1 and a.digest = $2`, [
    id,
    digest,
  ]);
  return raw && asRow(raw);
}

/**
 * A page of what the organisation of this transaction is party to: what is not over first, then the newest. An agreement that ends between
 * two pages is shown a second time, and none is left out.
 *
 * @param after `next` of the page before
 */
export async function visibleAgreements(
  tx: Tx,
  limit: number,
  after: string | undefined,
): Promise<{ rows: AgreementRow[]; next: string | undefined }> {
  const [ended, proposedAt, id, version] = after?.split('.') ?? [];
  const found = await tx.query<Raw & { place: string }>(
    `select ${COLUMNS}, concat_ws('.', (a.status = 'ended')::int, a.proposed_at, a.id, a.version) as place
     from agreements a
     where a.status <> 'refused' and ($2::int is null
       or ((a.status = 'ended')::int, -a.proposed_at, a.id, -a.version) > ($2::int, -$3::bigint, $4::text, -$5::int))
     order by (a.status = 'ended')::int, -a.proposed_at, a.id, -a.version limit $1::int + 1`,
    [limit, ended ?? null, proposedAt ?? null, id ?? null, version ?? null],
  );
  const page = found.slice(0, limit);
  return { rows: page.map(asRow), next: found.length > limit ? page.at(-1)?.place : undefined };
}

/** Names of agreements in force, and of proposals that `organisation` has not signed, of those it is party to. */
export async function waitingFor(
  tx: Tx,
  organisation: OrganisationId,
): Promise<{ inForce: AgreementId[]; proposed: AgreementId[] }> {
  const rows = await tx.query<{ id: AgreementId; status: VersionStatus }>(
    `select a.id, a.status from agreements a where a.parties @> array[$1]::text[] and (
       a.status in ('active', 'suspended', 'terminating') or (a.status = 'proposed' and not exists (
         select from signatures s where s.agreement_id = a.id and s.version = a.version and s.organisation = $1)))
     order by a.proposed_at, a.id`,
    [organisation],
  );
  const named = (proposed: boolean) =>
    rows.filter((row) => (row.status === 'proposed') === proposed).map((row) => row.id);
  return { inForce: named(false), proposed: named(true) };
}

/** Parties by agreement, of those the organisation of this transaction is party to. */
export async function partiesOf(
  tx: Tx,
  ids: readonly AgreementId[],
): Promise<{ id: AgreementId; parties: OrganisationId[] }[]> {
  return tx.query('select distinct on (id) id, parties from agreements where id = any ($1) order by id, version desc', [
    ids,
  ]);
}

/** Agreements in force of an organisation, and everybody who is party to them. */
export async function inForceOf(
  tx: Tx,
  organisation: OrganisationId,
): Promise<{ id: AgreementId; parties: OrganisationId[] }[]> {
  return tx.query(
    `select id, parties from agreements where parties @> array[$1]::text[] and status in ('active', 'suspended', 'terminating')`,
    [organisation],
  );
}

/** False if the version is taken already: two proposals of one version cannot both win. */
export async function insertVersion(
  tx: Tx,
  agreement: Agreement,
  digest: Digest,
  proposedBy: OrganisationId,
  now: Instant,
): Promise<boolean> {
  const rows = await tx.query(
    `insert into agreements (id, version, digest, parties, status, effective_from, ends_at, proposed_by, proposed_at, body)
     values ($1, $2, $3, $4, 'proposed', $5, $6, $7, $8, $9) on conflict do nothing returning id`,
    [
      agreement.id,
      agreement.version,
      digest,
      agreement.parties.map((party) => party.organisation),
      agreement.effectiveFrom,
      agreement.endsAt,
      proposedBy,
      now,
      JSON.stringify(agreement),
    ],
  );
  return rows.length === 1;
}

/** Keeps the first signature of each party. Returns the parties whose signature is new. */
export async function insertSignatures(
  tx: Tx,
  row: Pick<AgreementRow, 'id' | 'version'>,
  signatures: readonly { readonly organisation: OrganisationId; readonly block: SignatureBlock }[],
): Promise<OrganisationId[]> {
  const rows = await tx.query<{ organisation: OrganisationId }>(
    `insert into signatures (agreement_id, version, organisation, body)
     select $1, $2, s.organisation, s.body from unnest($3::text[], $4::text[]) as s (organisation, body)
     on conflict do nothing returning organisation`,
    [
      row.id,
      row.version,
      signatures.map((one) => one.organisation),
      signatures.map((one) => JSON.stringify(one.block)),
    ],
  );
  return rows.map((one) => one.organisation);
}

/** Moves a version to a status; the database refuses a move that does not exist. */
export async function moveTo(tx: Tx, row: Pick<AgreementRow, 'id' | 'version'>, status: VersionStatus): Promise<void> {
  await tx.query('update agreements set status = $3 where id = $1 and version = $2', [row.id, row.version, status]);
}

/** False if the act is held already. */
export async function insertAct(
  tx: Tx,
  held: HeldAct,
  act: Signed<Act>,
  parties: readonly OrganisationId[],
  now: Instant,
): Promise<boolean> {
  const rows = await tx.query(
    `insert into acts (digest, agreement_id, organisation, verb, signers, parties, body, held_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning digest`,
    [
      held.digest,
      held.act.agreementId,
      held.act.organisation,
      held.act.verb,
      held.signers,
      parties,
      JSON.stringify(act),
      now,
    ],
  );
  return rows.length === 1;
}

export const actIsHeld = async (tx: Tx, digest: Digest): Promise<boolean> =>
  (await tx.query('select 1 from acts where digest = $1', [digest])).length === 1;

export interface ActRow {
  readonly act: Signed<Act>;
  readonly digest: Digest;
  readonly signers: OrganisationId[];
  readonly heldAt: Instant;
}

/** Every act held on an agreement. */
export async function actsOn(tx: Tx, id: AgreementId): Promise<ActRow[]> {
  const rows = await tx.query<Omit<ActRow, 'act'> & { body: string }>(
    'select body, digest, signers, held_at::float8 as "heldAt" from acts where agreement_id = $1 order by held_at, digest',
    [id],
  );
  return rows.map(({ body, ...held }) => ({ act: JSON.parse(body) as Signed<Act>, ...held }));
}

/** Versions that time alone may move, a page at a time: proposed ones that were to begin later, and those in force. A retrieval takes weeks. */
export async function versionsTimeMayMove(
  tx: Tx,
  now: Instant,
  after: { readonly id: string; readonly version: number },
): Promise<{ id: AgreementId; version: number }[]> {
  return tx.query(
    `select id, version from agreements where (id, version) > ($2, $3::integer) and ((status in ('proposed', 'countersigned') and effective_from <= $1 and parties <@ array(
         select s.organisation from signatures s where s.agreement_id = id and s.version = agreements.version))
       or status = 'terminating' or (status in ('active', 'suspended') and ends_at <= $1))
     order by id, version limit 200`,
    [now, after.id, after.version],
  );
}
