import type { Tx } from '@interlock/chassis/db';
import type {
  AgreementId,
  Approvable,
  Digest,
  GrantId,
  GrantStatus,
  Instant,
  LocalId,
  OrganisationId,
  SignatureBlock,
  Signed,
  Thumbprint,
} from '@interlock/domain';

/** A grant with the signatures it has. */
export interface GrantRow {
  readonly id: GrantId;
  readonly digest: Digest;
  readonly agreementId: AgreementId;
  readonly owner: OrganisationId;
  readonly subjectSide: OrganisationId;
  readonly parties: readonly OrganisationId[];
  readonly status: GrantStatus;
  readonly document: Approvable;
  readonly signatures: readonly SignatureBlock[];
  /** What it hangs on, outermost first: of a delegation the grant, of a grant the standing approval it rests on. */
  readonly above: readonly AboveRow[];
}

/** A right that another one hangs on, and how it stands. */
export interface AboveRow extends Signed<Approvable> {
  readonly digest: Digest;
  readonly status: GrantStatus;
}

/** A grant as the database returns it. */
export interface Raw {
  id: GrantId;
  digest: Digest;
  agreement_id: AgreementId;
  owner: OrganisationId;
  subject_side: OrganisationId;
  parties: OrganisationId[];
  status: GrantStatus;
  body: string;
  blocks: string[];
  above: { digest: Digest; status: GrantStatus; body: string; blocks: string[] }[];
}

const asRow = (raw: Raw): GrantRow => ({
  id: raw.id,
  digest: raw.digest,
  agreementId: raw.agreement_id,
  owner: raw.owner,
  subjectSide: raw.subject_side,
  parties: raw.parties,
  status: raw.status,
  ...signedOf(raw),
  above: raw.above.map((one) => ({ digest: one.digest, status: one.status, ...signedOf(one) })),
});

const signedOf = ({ body, blocks }: Pick<Raw, 'body' | 'blocks'>): Signed<Approvable> => ({
  document: JSON.parse(body) as Approvable,
  signatures: blocks.map((block) => JSON.parse(block) as SignatureBlock),
});

const BLOCKS = (grant: string) =>
  `array(select s.body from signatures s where s.grant_id = ${grant}.id order by s.organisation, s.kid)`;

export const COLUMNS = `g.id, g.digest, g.agreement_id, g.owner, g.subject_side, g.parties, g.status, g.body, ${BLOCKS('g')} as blocks,
  case when g.parent_digest is null then '[]'::json else (
    with recursive up (digest, steps) as (
      select g.parent_digest, 1
      union all
      select p.parent_digest, up.steps + 1 from up join grants p on p.digest = up.digest where p.parent_digest is not null
    )
    select json_agg(json_build_object('digest', a.digest, 'status', a.status, 'body', a.body, 'blocks', ${BLOCKS('a')})
      order by up.steps desc) from up join grants a on a.digest = up.digest
  ) end as above`;

export const asRows = (rows: readonly Raw[]): GrantRow[] => rows.map(asRow);

export async function findGrant(tx: Tx, id: GrantId): Promise<GrantRow | undefined> {
  const [raw] = await tx.query<Raw>(`select ${COLUMNS} from grants g where g.id = $1`, [id]);
  return raw && asRow(raw);
}

/** As `findGrant`, and nobody else changes it before this transaction ends. */
export async function lockGrant(tx: Tx, id: GrantId): Promise<GrantRow | undefined> {
  await tx.query('select id from grants where id = $1 for update', [id]);
  return findGrant(tx, id);
}

/**
 * Holds everything a delegation hangs on as it is until this transaction ends. A revocation that comes meanwhile waits, and then finds
 * the delegation; one that came first is seen here.
 */
export async function holdAbove(tx: Tx, { above }: GrantRow): Promise<boolean> {
  const digests = above.map((one) => one.digest);
  const rows = await tx.query<{ status: GrantStatus }>(
    'select status from grants where digest = any ($1) order by digest for share',
    [digests],
  );
  return rows.length === digests.length && rows.every((row) => row.status === 'active');
}

/** Ends everything that hangs on a grant, however deep, and returns what this ended. */
export async function revokeUnder(tx: Tx, digest: Digest): Promise<GrantRow[]> {
  const rows = await tx.query<{ id: GrantId }>(
    `with recursive down (digest) as (
       select digest from grants where parent_digest = $1
       union all
       select g.digest from down join grants g on g.parent_digest = down.digest
     )
     update grants set status = 'revoked' where digest in (select digest from down) and status in ('asked', 'active')
       returning id`,
    [digest],
  );
  const ended: GrantRow[] = [];
  for (const { id } of rows) {
    const row = await findGrant(tx, id);
    if (row) ended.push(row);
  }
  return ended;
}

export async function grantOfDigest(tx: Tx, digest: Digest): Promise<GrantRow | undefined> {
  const [raw] = await tx.query<Raw>(`select ${COLUMNS} from grants g where g.digest = $1`, [digest]);
  return raw && asRow(raw);
}

/** A page of what the organisation of this transaction is party to, newest first; `after` is `next` of the page before. */
export async function visibleGrants(
  tx: Tx,
  { status, limit, after }: { status?: GrantStatus | undefined; limit: number; after?: string | undefined },
): Promise<{ rows: GrantRow[]; next: string | undefined }> {
  const [askedAt, id] = after?.split('.') ?? [];
  const found = await tx.query<Raw & { place: string }>(
    `select ${COLUMNS}, concat_ws('.', g.asked_at, g.id) as place from grants g
     where ($1::text is null or g.status = $1) and ($3::bigint is null or (-g.asked_at, g.id) > (-$3::bigint, $4::text))
     order by -g.asked_at, g.id limit $2::int + 1`,
    [status ?? null, limit, askedAt ?? null, id ?? null],
  );
  const page = found.slice(0, limit);
  return { rows: page.map(asRow), next: found.length > limit ? page.at(-1)?.place : undefined };
}

/** Names of the grants that wait for somebody's yes, oldest first. */
export async function askedGrants(tx: Tx): Promise<GrantId[]> {
  const rows = await tx.query<{ id: GrantId }>(
    `select id from grants where status = 'asked' order by asked_at, id limit 10000`,
  );
  return rows.map((row) => row.id);
}

/** Grants for which a flow is carried now. */
export async function flowsUnder(tx: Tx, agreementId: AgreementId, now: Instant): Promise<GrantRow[]> {
  const rows = await tx.query<Raw>(
    `select ${COLUMNS} from grants g where g.agreement_id = $1 and g.status = 'active' and g.kind = 'data-collection'
       and g.ends_at > $2 order by g.id`,
    [agreementId, now],
  );
  return rows.map(asRow);
}

/** Grants that wait to be activated at a gateway. */
export async function dormantUnder(tx: Tx, agreementId: AgreementId, now: Instant): Promise<GrantRow[]> {
  const rows = await tx.query<Raw>(
    `select ${COLUMNS} from grants g where g.agreement_id = $1 and g.status = 'active' and g.ends_at > $2
       and g.body like '%"dormant":{%' order by g.id`,
    [agreementId, now],
  );
  return rows.map(asRow).filter(({ document }) => document.typ === 'grant' && document.dormant);
}

/** What a right hangs on; undefined where it hangs on the agreement alone. */
export const parentOf = (document: Approvable): Digest | undefined =>
  document.typ === 'delegation' ? document.parent : document.typ === 'grant' ? document.standingApproval : undefined;

/** False if the id or the digest is taken. */
export async function insertGrant(
  tx: Tx,
  row: Omit<GrantRow, 'status' | 'signatures' | 'above'>,
  now: Instant,
): Promise<boolean> {
  const { document } = row;
  const rows = await tx.query(
    `insert into grants (id, digest, agreement_id, agreement_digest, kind, owner, subject_side, parties, status, asked_at, ends_at,
       body, parent_digest) values ($1, $2, $3, $4, $5, $6, $7, $8, 'asked', $9, $10, $11, $12) on conflict do nothing returning id`,
    [
      row.id,
      row.digest,
      row.agreementId,
      document.agreement,
      document.kind,
      row.owner,
      row.subjectSide,
      row.parties,
      now,
      Math.max(...document.windows.map((span) => span.to)),
      JSON.stringify(document),
      parentOf(document) ?? null,
    ],
  );
  return rows.length === 1;
}

/** A verified signature and whose it is. */
export interface MadeSignature {
  readonly organisation: OrganisationId;
  readonly kid: Thumbprint;
  readonly holder: LocalId | null;
  readonly purpose: 'grant' | 'approve';
  readonly block: SignatureBlock;
}

/** Keeps the first signature of each key. Returns those that are new. */
export async function insertSignatures(
  tx: Tx,
  id: GrantId,
  signatures: readonly MadeSignature[],
): Promise<MadeSignature[]> {
  const rows = await tx.query<{ organisation: string; kid: string }>(
    `insert into signatures (grant_id, organisation, kid, body)
     select $1, s.organisation, s.kid, s.body from unnest($2::text[], $3::text[], $4::text[]) as s (organisation, kid, body)
     on conflict do nothing returning organisation, kid`,
    [
      id,
      signatures.map((one) => one.organisation),
      signatures.map((one) => one.kid),
      signatures.map((one) => JSON.stringify(one.block)),
    ],
  );
  return signatures.filter((one) => rows.some((row) => row.organisation === one.organisation && row.kid === one.kid));
}

/** Moves a grant to a status; the database refuses a move that does not exist. */
export async function moveTo(tx: Tx, id: GrantId, status: GrantStatus): Promise<void> {
  await tx.query('update grants set status = $2 where id = $1', [id, status]);
}

export async function insertDenial(
  tx: Tx,
  denial: { id: GrantId; organisation: OrganisationId; by: LocalId | null; reason: string; at: Instant },
): Promise<void> {
  await tx.query(
    'insert into denials (grant_id, organisation, by_holder, reason, denied_at) values ($1, $2, $3, $4, $5)',
    [denial.id, denial.organisation, denial.by, denial.reason.replaceAll('\u0000', ''), denial.at],
  );
}

/** Ends what is over: asked and active grants whose last window has passed. Returns whether there may be more. */
export async function expireGrants(tx: Tx, now: Instant): Promise<ExpiredGrant[]> {
  return tx.query<ExpiredGrant>(
    `update grants set status = 'expired' where id in (
       select id from grants where status in ('asked', 'active') and ends_at <= $1 order by ends_at limit 500
       for update skip locked) returning id, digest, agreement_id as "agreementId"`,
    [now],
  );
}

/** A grant whose windows have passed. */
export type ExpiredGrant = Pick<GrantRow, 'id' | 'digest' | 'agreementId'>;
