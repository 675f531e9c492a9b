import { REVOCATION_SECONDS } from '@interlock/bus';
import type { Tx } from '@interlock/chassis/db';
import type { AgreementId, EpochSeconds, GrantId, LocalId, OrganisationId } from '@interlock/domain';

/** A JWT that was issued. */
export interface BusUserRow {
  readonly region: LocalId;
  readonly account: string;
  readonly userKey: string;
  readonly agreementId: AgreementId;
  readonly organisation: OrganisationId;
  readonly role: 'publisher' | 'recipient';
  readonly grants: readonly GrantId[];
  readonly issuedAt: EpochSeconds;
  readonly expiresAt: EpochSeconds;
}

/** False if this key was cut: it gets nothing any more. */
export async function keepUser(tx: Tx, user: BusUserRow): Promise<boolean> {
  const rows = await tx.query(
    `insert into bus_users as u (region, account, user_key, agreement_id, organisation, role, grants, issued_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (region, account, user_key) do update set grants = excluded.grants, issued_at = excluded.issued_at,
       expires_at = greatest(u.expires_at, excluded.expires_at) where u.cut_since is null returning user_key`,
    [
      user.region,
      user.account,
      user.userKey,
      user.agreementId,
      user.organisation,
      user.role,
      user.grants,
      user.issuedAt,
      user.expiresAt,
    ],
  );
  return rows.length === 1;
}

/** Orders the cut of every user whose JWT names one of these grants; returns how many there are. */
export async function orderCuts(tx: Tx, grants: readonly GrantId[], now: EpochSeconds): Promise<number> {
  const rows = await tx.query(
    `update bus_users set cut_since = $2 where grants && $1::text[] and cut_since is null and expires_at > $2
     returning user_key`,
    [grants, now],
  );
  return rows.length;
}

/** Cuts that are owed in a region. */
export async function owedCuts(
  tx: Tx,
  region: LocalId,
  now: EpochSeconds,
): Promise<{ account: string; userKey: string }[]> {
  const rows = await tx.query<{ account: string; user_key: string }>(
    `select account, user_key from bus_users where region = $1 and cut_since is not null and cut_done_at is null
       and expires_at > $2 order by account, user_key`,
    [region, now],
  );
  return rows.map((row) => ({ account: row.account, userKey: row.user_key }));
}

export async function cutIsDone(
  tx: Tx,
  user: { region: LocalId; account: string; userKey: string },
  now: EpochSeconds,
): Promise<void> {
  await tx.query('update bus_users set cut_done_at = $4 where region = $1 and account = $2 and user_key = $3', [
    user.region,
    user.account,
    user.userKey,
    now,
  ]);
}

/** Account -> user key -> second up to which its JWTs are dead, as long as any of them could be alive. */
export async function revocationsIn(
  tx: Tx,
  region: LocalId,
  now: EpochSeconds,
): Promise<Record<string, Record<string, EpochSeconds>>> {
  const rows = await tx.query<{ account: string; user_key: string; cut_since: string }>(
    'select account, user_key, cut_since from bus_users where region = $1 and cut_since > $2',
    [region, now - REVOCATION_SECONDS],
  );
  const revocations: Record<string, Record<string, EpochSeconds>> = {};
  for (const row of rows) {
    revocations[row.account] = { ...revocations[row.account], [row.user_key]: Number(row.cut_since) };
  }
  return revocations;
}

/** Forgets users whose JWTs and revocations can no longer matter. */
export async function forgetUsers(tx: Tx, now: EpochSeconds): Promise<void> {
  await tx.query('delete from bus_users where expires_at < $1', [now - REVOCATION_SECONDS]);
}
