import type { Tx } from '@interlock/chassis/db';
import type {
  Digest,
  GrantId,
  Instant,
  LocalId,
  OrganisationId,
  ResourceRef,
  SubjectRef,
  Thumbprint,
} from '@interlock/domain';

export interface TokenRow {
  readonly digest: Digest;
  readonly grant: GrantId;
  readonly parties: readonly OrganisationId[];
  readonly jkt: Thumbprint;
  readonly subject: SubjectRef;
  readonly resource: ResourceRef;
  readonly action: LocalId;
  /** What the subject's company vouched with; null for machines and workloads. */
  readonly loginProof: string | null;
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
}

export async function insertToken(tx: Tx, row: TokenRow): Promise<void> {
  await tx.query(
    `insert into tokens (digest, grant_id, parties, jkt, subject, resource, action, login_proof, issued_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      row.digest,
      row.grant,
      row.parties,
      row.jkt,
      JSON.stringify(row.subject),
      JSON.stringify(row.resource),
      row.action,
      row.loginProof,
      row.issuedAt,
      row.expiresAt,
    ],
  );
}

/** A token that was not ended and has not expired, if the transaction acts for a party of its agreement. */
export async function findLivingToken(tx: Tx, digest: Digest, now: Instant): Promise<TokenRow | undefined> {
  const [row] = await tx.query<TokenRow>(
    `select digest, grant_id as "grant", parties, jkt, subject::json as subject, resource::json as resource, action,
       login_proof as "loginProof", issued_at::float8 as "issuedAt", expires_at::float8 as "expiresAt"
     from tokens where digest = $1 and revoked_at is null and expires_at > $2`,
    [digest, now],
  );
  return row;
}

/** The grant of the token, the first time; undefined if it is over or is not of this key. One statement: it ends once. */
export async function endToken(tx: Tx, digest: Digest, jkt: Thumbprint, now: Instant): Promise<GrantId | undefined> {
  const [row] = await tx.query<{ grant: GrantId }>(
    `update tokens set revoked_at = $3 where digest = $1 and jkt = $2 and revoked_at is null and expires_at > $3
     returning grant_id as "grant"`,
    [digest, jkt, now],
  );
  return row?.grant;
}

/** Forgets tokens that are over, and the login proofs kept with them. */
export async function forgetTokens(tx: Tx, endedBefore: Instant): Promise<void> {
  await tx.query('delete from tokens where expires_at < $1', [endedBefore]);
}
