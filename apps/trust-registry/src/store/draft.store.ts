import type { Tx } from '@interlock/chassis/db';
import type { Agreement, AgreementId, AgreementStatus, Digest, Instant, OrganisationId } from '@interlock/domain';

/** A version that one company writes. */
export interface DraftRow {
  readonly id: AgreementId;
  readonly version: number;
  readonly digest: Digest;
  readonly status: Extract<AgreementStatus, 'draft' | 'proposed'>;
  readonly keptAt: Instant;
  readonly document: Agreement;
}

interface Raw extends Omit<DraftRow, 'document' | 'keptAt'> {
  readonly kept_at: string;
  readonly body: string;
}

const asRow = ({ kept_at, body, ...raw }: Raw): DraftRow => ({
  ...raw,
  keptAt: Number(kept_at),
  document: JSON.parse(body) as Agreement,
});

const COLUMNS = 'agreement_id as id, version, digest, status, kept_at, body';

/** Everything the organisation of this transaction has written, the newest first. */
export async function draftsOf(tx: Tx): Promise<DraftRow[]> {
  const rows = await tx.query<Raw>(
    `select ${COLUMNS} from drafts order by kept_at desc, agreement_id, version desc`,
    [],
  );
  return rows.map(asRow);
}

/** Keeps it, or writes over the one that was kept. Undefined where that was proposed already. */
export async function writeDraft(
  tx: Tx,
  organisation: OrganisationId,
  document: Agreement,
  digest: Digest,
  now: Instant,
): Promise<DraftRow | undefined> {
  const [raw] = await tx.query<Raw>(
    `insert into drafts (organisation, agreement_id, version, digest, status, kept_at, body) values ($1, $2, $3, $4, 'draft', $5, $6)
     on conflict on constraint draft_one_per_version do update set digest = $4, kept_at = $5, body = $6 where drafts.status = 'draft'
     returning ${COLUMNS}`,
    [organisation, document.id, document.version, digest, now, JSON.stringify(document)],
  );
  return raw && asRow(raw);
}

/** False where there is no such draft, or it was proposed. */
export async function discardDraft(tx: Tx, id: AgreementId, version: number): Promise<boolean> {
  const rows = await tx.query(
    `delete from drafts where agreement_id = $1 and version = $2 and status = 'draft' returning agreement_id`,
    [id, version],
  );
  return rows.length === 1;
}

/** What was kept as exactly these bytes is proposed now; nothing where nothing was. */
export async function draftIsProposed(tx: Tx, digest: Digest): Promise<void> {
  await tx.query(`update drafts set status = 'proposed' where digest = $1 and status = 'draft'`, [digest]);
}
