import type { Tx } from '@interlock/chassis/db';
import type {
  Digest,
  GrantId,
  Instant,
  LocalId,
  OrganisationId,
  ResourceRef,
  SessionId,
  SubjectRef,
  Thumbprint,
} from '@interlock/domain';

/**
 * Uses a login proof once more; false once it has opened five sessions. One statement: two uses at the same time cannot both be the
 * fifth.
 */
export async function useLoginProof(tx: Tx, digest: Digest, jkt: Thumbprint, expiresAt: Instant): Promise<boolean> {
  const rows = await tx.query(
    `insert into login_proofs as p (digest, jkt, uses, expires_at) values ($1, $2, 1, $3)
     on conflict (digest) do update set uses = p.uses + 1 where p.uses < 5 and p.jkt = excluded.jkt returning uses`,
    [digest, jkt, expiresAt],
  );
  return rows.length === 1;
}

/** Forgets login proofs that can open nothing any more. */
export async function forgetLoginProofs(tx: Tx, endedBefore: Instant): Promise<void> {
  await tx.query('delete from login_proofs where expires_at < $1', [endedBefore]);
}

export interface SessionRow {
  readonly id: SessionId;
  readonly grant: GrantId;
  readonly parties: readonly OrganisationId[];
  readonly jkt: Thumbprint;
  readonly subject: SubjectRef;
  readonly resource: ResourceRef;
  readonly action: LocalId;
  readonly gateway: LocalId;
  readonly proof: Digest;
  readonly admittedAt: Instant;
}

export async function insertSession(tx: Tx, row: SessionRow): Promise<void> {
  await tx.query(
    `insert into sessions (id, grant_id, parties, jkt, subject, resource, action, gateway, proof, admitted_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      row.id,
      row.grant,
      row.parties,
      row.jkt,
      JSON.stringify(row.subject),
      JSON.stringify(row.resource),
      row.action,
      row.gateway,
      row.proof,
      row.admittedAt,
    ],
  );
}
