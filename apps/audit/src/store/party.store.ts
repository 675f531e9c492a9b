import type { Tx } from '@interlock/chassis/db';
import type { Instant, OrganisationId } from '@interlock/domain';
import { lockLogs } from './log.store.js';

/** How far one side's witness is. */
export interface WitnessState {
  readonly organisation: string;
  readonly cosignedSize: number;
  /** When the broker took its last cosignature; null before the first. */
  readonly cosignedAt: Instant | null;
  /** When the first checkpoint it has not cosigned was made; null while it is up to date. */
  readonly behindSince: Instant | null;
}

/**
 * Names the parties of a log: who may read it, and whose witnesses cosign it. Parties are only added: a party of an
 * earlier version of the agreement keeps its right to the evidence of its own time.
 */
export async function registerParties(
  tx: Tx,
  log: string,
  parties: readonly OrganisationId[],
  witnesses: readonly OrganisationId[],
): Promise<void> {
  const head = (await lockLogs(tx, [log])).get(log);
  await tx.query(
    'insert into party (log_no, log_name, organisation) select $1, $2, unnest($3::text[]) on conflict do nothing',
    [head?.no, log, parties],
  );
  await tx.query('insert into witness (log_no, organisation) select $1, unnest($2::text[]) on conflict do nothing', [
    head?.no,
    witnesses,
  ]);
}

/** Keeps a certified witness key; a later certificate of the same key replaces its times. */
export async function keepWitnessKey(
  tx: Tx,
  key: { organisation: string; vkey: string; notBefore: Instant; notAfter: Instant },
): Promise<void> {
  await tx.query(
    `insert into witness_key (organisation, vkey, not_before, not_after) values ($1, $2, $3, $4)
     on conflict (organisation, vkey) do update set not_before = excluded.not_before, not_after = excluded.not_after`,
    [key.organisation, key.vkey, key.notBefore, key.notAfter],
  );
}

/** Verifier keys that may cosign for an organisation at `now`. */
export async function witnessKeys(tx: Tx, organisation: string, now: Instant): Promise<string[]> {
  const rows = await tx.query<{ vkey: string }>(
    'select vkey from witness_key where organisation = $1 and not_before <= $2 and $2 < not_after order by vkey',
    [organisation, now],
  );
  return rows.map((row) => row.vkey);
}

/** The organisations that are party to a log. */
export async function partiesOf(tx: Tx, logNo: number): Promise<string[]> {
  const rows = await tx.query<{ organisation: string }>(
    'select organisation from party where log_no = $1 order by organisation',
    [logNo],
  );
  return rows.map((row) => row.organisation);
}

/** Who cosigns the log and how far each one is: what "not cosigned since" is made of. */
export async function witnessStates(tx: Tx, logNo: number): Promise<WitnessState[]> {
  const rows = await tx.query<{
    organisation: string;
    cosigned_size: string;
    cosigned_at: string | null;
    behind_since: string | null;
  }>(
    `select w.organisation, w.cosigned_size, w.cosigned_at,
       (select c.made_at from checkpoint c where c.log_no = $1 and c.size > w.cosigned_size
        order by c.size limit 1) as behind_since
     from witness w where w.log_no = $1 order by w.organisation`,
    [logNo],
  );
  return rows.map((row) => ({
    organisation: row.organisation,
    cosignedSize: Number(row.cosigned_size),
    cosignedAt: row.cosigned_at === null ? null : Number(row.cosigned_at),
    behindSince: row.behind_since === null ? null : Number(row.behind_since),
  }));
}

/** Logs whose newest checkpoint this organisation's witness has not cosigned; in no order, so that those it refuses starve no other. */
export async function logsToCosign(
  tx: Tx,
  organisation: string,
  limit: number,
): Promise<{ logNo: number; log: string; size: number; cosignedSize: number }[]> {
  const rows = await tx.query<{ no: number; name: string; checkpoint_size: string; cosigned_size: string }>(
    `select l.no, l.name, l.checkpoint_size, w.cosigned_size from witness w join log l on l.no = w.log_no
     where w.organisation = $1 and l.checkpoint_size > w.cosigned_size
     order by random() limit $2`,
    [organisation, limit],
  );
  return rows.map((row) => ({
    logNo: row.no,
    log: row.name,
    size: Number(row.checkpoint_size),
    cosignedSize: Number(row.cosigned_size),
  }));
}

/** Stores a verified cosignature; the same one again changes nothing. */
export async function keepCosignature(
  tx: Tx,
  signed: { logNo: number; size: number; organisation: string; line: string; atSeconds: number; acceptedAt: Instant },
): Promise<void> {
  await tx.query(
    `insert into cosignature (log_no, size, organisation, line, at_seconds) values ($1, $2, $3, $4, $5)
     on conflict do nothing`,
    [signed.logNo, signed.size, signed.organisation, signed.line, signed.atSeconds],
  );
  // Late cosignatures of older checkpoints are kept, but never move a witness back.
  await tx.query(
    `update witness set cosigned_size = $3, cosigned_at = $4
     where log_no = $1 and organisation = $2 and cosigned_size < $3`,
    [signed.logNo, signed.organisation, signed.size, signed.acceptedAt],
  );
}

/** Whether this organisation's witness cosigns the log. */
export async function isWitness(tx: Tx, logNo: number, organisation: string): Promise<boolean> {
  const rows = await tx.query('select 1 from witness where log_no = $1 and organisation = $2', [logNo, organisation]);
  return rows.length > 0;
}
