import type { Tx } from '@interlock/chassis/db';

/** A proof that may be used once, wherever it is shown. */
export interface UsedProof {
  readonly madeAs: 'caller' | 'dpop';
  readonly key: string;
  readonly jti: string;
  readonly expiresAt: Date;
}

/**
 * Which of these are taken now, in their order: true for whoever comes first, here or at another replica. Two of the same are one and its replay.
 * Rows go in by their own order, so that two replicas never wait for one another in a circle.
 */
export async function takeProofs(tx: Tx, proofs: readonly UsedProof[]): Promise<readonly boolean[]> {
  const columns = [
    proofs.map(({ madeAs }) => madeAs),
    proofs.map(({ key }) => key),
    proofs.map(({ jti }) => jti),
    proofs.map(({ expiresAt }) => expiresAt),
  ];
  const rows = await tx.query<UsedProof>(
    `insert into used_proofs (made_as, key, jti, expires_at)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) as p (made_as, key, jti, expires_at)
     order by made_as collate "C", key collate "C", jti collate "C"
     on conflict do nothing returning made_as as "madeAs", key, jti, expires_at as "expiresAt"`,
    columns,
  );
  const taken = new Set(rows.map(nameOf));
  return proofs.map((proof) => taken.delete(nameOf(proof)));
}

const nameOf = ({ madeAs, key, jti }: UsedProof): string => JSON.stringify([madeAs, key, jti]);

/** Forgets proofs that are over; true if there may be more. */
export async function forgetProofs(tx: Tx, before: Date): Promise<boolean> {
  const gone = await tx.query(
    `delete from used_proofs where ctid = any(array(
       select ctid from used_proofs where expires_at < $1 limit 5000 for update skip locked)) returning 1`,
    [before],
  );
  return gone.length === 5000;
}
