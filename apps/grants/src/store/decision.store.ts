import type { Ids } from '@interlock/chassis';
import { appendAllEvidence, type Tx } from '@interlock/chassis/db';
import type { AgreementId, Instant, OrganisationId } from '@interlock/domain';
import { type Said, wholeRecord } from './evidence.store.js';
import { asRows, COLUMNS, type GrantRow, type Raw } from './grant.store.js';

export interface RightChange {
  readonly xid: string;
  readonly agreementId: AgreementId;
  readonly parties: readonly OrganisationId[];
  readonly what: 'grant' | 'facts';
}

/** What changed in transactions that a reader may not have seen, and from which transaction on the next reading must look. */
export async function changesFrom(tx: Tx, xmin: string): Promise<{ changes: RightChange[]; xmin: string }> {
  const [row] = await tx.query<{ xmin: string; changes: RightChange[] }>(
    `select pg_snapshot_xmin(pg_current_snapshot())::text as xmin,
       coalesce((select json_agg(json_build_object('xid', xid::text, 'agreementId', agreement_id, 'parties', parties, 'what', what))
         from right_changes where xid >= $1::xid8), '[]') as changes`,
    [xmin],
  );
  if (!row) throw new Error('the database said nothing of its transactions');
  return row;
}

/** The agreements under which the organisation of this transaction has rights that live. */
export async function agreementsWithRights(tx: Tx): Promise<AgreementId[]> {
  const rows = await tx.query<{ id: AgreementId }>(
    `select distinct agreement_id as id from grants where status = 'active'`,
  );
  return rows.map((row) => row.id);
}

export async function activeGrants(tx: Tx, agreementId: AgreementId): Promise<GrantRow[]> {
  const rows = await tx.query<Raw>(
    `select ${COLUMNS} from grants g where g.agreement_id = $1 and g.status = 'active'`,
    [agreementId],
  );
  return asRows(rows);
}

/** The full reason of a no. */
export interface Explanation {
  readonly decision: string;
  readonly belongsTo: OrganisationId;
  readonly asker: OrganisationId;
  readonly code: string;
  readonly clause: string | null;
  readonly detail: string | null;
  readonly question: string;
  readonly givenAt: Instant;
}

/** Writes the decisions of one group: their evidence and the reasons of the noes, in two statements whatever their number. */
export async function writeDecisions(
  tx: Tx,
  ids: Ids,
  said: readonly Said[],
  reasons: readonly Explanation[],
): Promise<void> {
  if (said.length > 0)
    await appendAllEvidence(
      tx,
      said.map((one) => wholeRecord(ids, one)),
    );
  if (reasons.length > 0)
    await tx.query(
      `insert into explanations (decision, belongs_to, asker, code, clause, detail, question, given_at)
       select r."decision", r."belongsTo", r."asker", r."code", r."clause", r."detail", r."question", r."givenAt"
       from jsonb_to_recordset($1::jsonb) as r ("decision" text, "belongsTo" text, "asker" text, "code" text, "clause" text,
         "detail" text, "question" text, "givenAt" bigint)`,
      [JSON.stringify(reasons)],
    );
}

/** The reason of one no, for the company it belongs to; undefined for everybody else. */
export async function explanationOf(tx: Tx, decision: string): Promise<Explanation | undefined> {
  const [row] = await tx.query<Omit<Explanation, 'givenAt'> & { givenAt: string }>(
    `select decision, belongs_to as "belongsTo", asker, code, clause, detail, question, given_at as "givenAt"
     from explanations where decision = $1`,
    [decision],
  );
  return row && { ...row, givenAt: Number(row.givenAt) };
}

/** Forgets changes that every snapshot has long read. */
export async function forgetChanges(tx: Tx): Promise<void> {
  await tx.query(`delete from right_changes where changed_at < now() - interval '1 hour'`);
}

/** Notes that the registry's part of an agreement changed; one under which there never was a grant concerns no snapshot. */
export async function noteAgreementChange(tx: Tx, id: AgreementId): Promise<void> {
  await tx.query(
    `insert into right_changes (agreement_id, parties, what)
     select agreement_id, parties, 'facts' from grants where agreement_id = $1 limit 1`,
    [id],
  );
}
