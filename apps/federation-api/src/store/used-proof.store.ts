import type { Tx } from '@interlock/chassis/db';

/** A proof that may be used once, wherever it is shown. */
export interface UsedProof {
  readonly madeAs: 'caller' | 'dpop';
  readonly key: string;
  readonly jti: string;
  readonly expiresAt: Date;
}

/** True for whoever is first; of two at once the second waits for the first and is told no. */
export async function takeProof(tx: Tx, { madeAs, key, jti, expiresAt }: UsedProof): Promise<boolean> {
  const taken = await tx.query(
    `insert into used_proofs (made_as, key, jti, expires_at) values ($1, $2, $3, $4)
     on conflict do nothing returning 1`,
    [madeAs, key, jti, expiresAt],
  );
  return taken.length === 1;
}

/** Forgets proofs that are over; true if there may be more. */
export async function forgetProofs(tx: Tx, before: Date): Promise<boolean> {
  const gone = await tx.query(
    `delete from used_proofs where ctid = any(array(
       select ctid from used_proofs where expires_at < $1 limit 5000 for update skip locked)) returning 1`,
    [before],
  );
  return gone.length === 5000;
}
