import type { Tx } from '@interlock/chassis/db';
import type {
  Act,
  AgreementId,
  Digest,
  HeldAct,
  Instant,
  OrganisationId,
  Signed,
  StatusList,
  Verdict,
} from '@interlock/domain';

/** False if the act is held already. */
export async function insertAct(
  tx: Tx,
  held: HeldAct,
  act: Signed<Act>,
  parties: readonly OrganisationId[],
  now: Instant,
): Promise<boolean> {
  const { agreementId, organisation, target } = held.act;
  const rows = await tx.query(
    `insert into acts (digest, agreement_id, organisation, target_kind, target_id, signers, parties, body, held_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing returning digest`,
    [held.digest, agreementId, organisation, target.kind, target.id, held.signers, parties, JSON.stringify(act), now],
  );
  return rows.length === 1;
}

export interface ActRow {
  readonly act: Signed<Act>;
  readonly digest: Digest;
  readonly signers: OrganisationId[];
}

/** What `decide` reads of an act. */
export const asHeld = ({ act, digest, signers }: ActRow): HeldAct => ({ act: act.document, digest, signers });

/** Keeps the newest verdict of a company about a grant; false if this one is not newer. */
export async function keepVerdict(
  tx: Tx,
  verdict: Signed<Verdict>,
  digest: Digest,
  agreementId: AgreementId,
  parties: readonly OrganisationId[],
): Promise<boolean> {
  const { grant, organisation, kind, issuedAt, expiresAt } = verdict.document;
  const rows = await tx.query(
    `insert into verdicts as v (grant_digest, organisation, kind, agreement_id, parties, issued_at, expires_at, digest, body)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (grant_digest, organisation, kind) do update set issued_at = excluded.issued_at,
       expires_at = excluded.expires_at, digest = excluded.digest, body = excluded.body
       where v.issued_at < excluded.issued_at returning digest`,
    [grant, organisation, kind, agreementId, parties, issuedAt, expiresAt, digest, JSON.stringify(verdict)],
  );
  return rows.length === 1;
}

/** What is held under an agreement beside its grants. */
export interface HeldUnder {
  readonly acts: readonly ActRow[];
  /** Verdicts that still count, newest first. */
  readonly verdicts: readonly Signed<Verdict>[];
  readonly statusLists: readonly Signed<StatusList>[];
}

/** Acts, verdicts (of some grants, or of all) and status lists under an agreement, in one statement. */
export async function heldUnder(
  tx: Tx,
  id: AgreementId,
  now: Instant,
  grants: readonly Digest[] | null = null,
): Promise<HeldUnder> {
  const [row] = await tx.query<{ acts: ActRow[]; verdicts: Signed<Verdict>[]; lists: Signed<StatusList>[] }>(
    `select
       coalesce((select json_agg(json_build_object('act', body::json, 'digest', digest, 'signers', signers) order by held_at, digest)
         from acts where agreement_id = $1), '[]') as acts,
       coalesce((select json_agg(body::json order by issued_at desc) from verdicts
         where agreement_id = $1 and expires_at > $2 and ($3::text[] is null or grant_digest = any ($3))), '[]') as verdicts,
       coalesce((select json_agg(body::json) from status_lists where agreement_id = $1), '[]') as lists`,
    [id, now, grants],
  );
  return { acts: row?.acts ?? [], verdicts: row?.verdicts ?? [], statusLists: row?.lists ?? [] };
}

/** Acts that struck somebody or something from a member list of an agreement. */
export const strikesUnder = (tx: Tx, id: AgreementId): Promise<ActRow[]> =>
  tx.query<ActRow>(
    `select body::json as act, digest, signers from acts where agreement_id = $1 and target_kind = 'member'`,
    [id],
  );

/** Keeps the newest status list of a party; false if this one is not newer. */
export async function keepStatusList(
  tx: Tx,
  list: Signed<StatusList>,
  digest: Digest,
  parties: readonly OrganisationId[],
): Promise<boolean> {
  const { agreementId, organisation, sequence, issuedAt } = list.document;
  const rows = await tx.query(
    `insert into status_lists as l (agreement_id, organisation, parties, sequence, issued_at, digest, body)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (agreement_id, organisation) do update set parties = excluded.parties, sequence = excluded.sequence,
       issued_at = excluded.issued_at, digest = excluded.digest, body = excluded.body
       where (l.sequence, l.issued_at) < (excluded.sequence, excluded.issued_at) returning digest`,
    [agreementId, organisation, parties, sequence, issuedAt, digest, JSON.stringify(list)],
  );
  return rows.length === 1;
}
