import type { Tx } from '@interlock/chassis/db';
import type { AgreementId, GrantId, Instant, OrganisationId } from '@interlock/domain';

/** An agreement as far as this service has heard of it and read it. */
export interface AgreementRow {
  readonly id: AgreementId;
  readonly parties: readonly OrganisationId[];
  readonly revision: number;
  readonly status: string;
  /** News was heard of that has not been read. */
  readonly unread: boolean;
}

interface Raw {
  id: AgreementId;
  parties: OrganisationId[];
  revision: string;
  status: string;
  unread: boolean;
}

const COLUMNS = 'id, parties, revision, status, read_revision < revision as unread';

const asRow = (raw: Raw): AgreementRow => ({ ...raw, revision: Number(raw.revision) });

/** News of an agreement: its documents are read again. `parties` replaces those that were known. */
export async function heardOf(tx: Tx, id: AgreementId, parties: readonly OrganisationId[]): Promise<void> {
  await tx.query(
    `insert into agreements as a (id, parties) values ($1, $2)
     on conflict (id) do update set parties = excluded.parties, revision = a.revision + 1`,
    [id, parties],
  );
}

/** As `heardOf`, where the news does not say who the parties are; an agreement never heard of stays so. */
export async function heardAgain(tx: Tx, id: AgreementId): Promise<void> {
  await tx.query('update agreements set revision = revision + 1 where id = $1', [id]);
}

/** As `heardAgain`, for every agreement of an organisation. */
export async function heardOfParty(tx: Tx, organisation: OrganisationId): Promise<void> {
  await tx.query('update agreements set revision = revision + 1 where $1 = any (parties)', [organisation]);
}

/** Agreements whose documents are to be read: news first, then those whose time has come. Those in `but` are left out. */
export async function agreementsToRead(
  tx: Tx,
  now: Instant,
  limit: number,
  but: readonly AgreementId[],
): Promise<AgreementRow[]> {
  const rows = await tx.query<Raw>(
    `select ${COLUMNS} from agreements where (read_revision < revision or due_at <= $1) and id <> all ($3)
     order by (read_revision < revision) desc, due_at, id limit $2`,
    [now, limit, but],
  );
  return rows.map(asRow);
}

/** The agreement, seen by whom the transaction acts for; nobody else moves it before the transaction ends. */
export async function lockAgreement(tx: Tx, id: AgreementId): Promise<AgreementRow | undefined> {
  const [raw] = await tx.query<Raw>(`select ${COLUMNS} from agreements where id = $1 for update`, [id]);
  return raw && asRow(raw);
}

export async function findAgreement(tx: Tx, id: AgreementId): Promise<AgreementRow | undefined> {
  const [raw] = await tx.query<Raw>(`select ${COLUMNS} from agreements where id = $1`, [id]);
  return raw && asRow(raw);
}

/** Notes that the documents of this revision were judged, and when they are judged next without any news. */
export async function wasRead(tx: Tx, row: AgreementRow, status: string, dueAt: Instant): Promise<void> {
  await tx.query('update agreements set read_revision = $2, status = $3, due_at = $4 where id = $1', [
    row.id,
    row.revision,
    status,
    Math.floor(dueAt),
  ]);
}

export async function setStatus(tx: Tx, id: AgreementId, status: string): Promise<void> {
  await tx.query('update agreements set status = $2 where id = $1', [id, status]);
}

export async function keepRevoked(tx: Tx, grant: GrantId, agreementId: AgreementId): Promise<void> {
  await tx.query('insert into revoked_grants (grant_id, agreement_id) values ($1, $2) on conflict do nothing', [
    grant,
    agreementId,
  ]);
}

export async function revokedUnder(tx: Tx, agreementId: AgreementId): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ grant_id: string }>('select grant_id from revoked_grants where agreement_id = $1', [
    agreementId,
  ]);
  return new Set(rows.map((row) => row.grant_id));
}
