import { createHash } from 'node:crypto';
import type { Tx } from '@interlock/chassis/db';

/** A record that was appended and has no place in its log yet. */
export interface WaitingRecord {
  readonly position: string;
  readonly writer: string;
  /** As the service wrote it; nothing about it is checked but its id and its log. */
  readonly body: unknown;
}

/** Names the one sequencer of a database for `pg_try_advisory_xact_lock`. */
const SEQUENCER_LOCK = 'interlock evidence sequencer';

/** Makes this transaction the only one that sequences, or answers false: then another replica is at it. */
export async function becomeSequencer(tx: Tx): Promise<boolean> {
  const [row] = await tx.query<{ taken: boolean }>(
    'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as taken',
    [SEQUENCER_LOCK],
  );
  return row?.taken === true;
}

/** The oldest records without a place, at most `limit`. */
export const takeWaiting = (tx: Tx, limit: number): Promise<WaitingRecord[]> =>
  tx.query<WaitingRecord>(
    `select a.position::text, a.writer, a.body from pending p join appended a using (position)
     order by p.position limit $1`,
    [limit],
  );

/** Takes the marks away; in the same transaction the records got their place, or were parked. */
export async function settleWaiting(tx: Tx, positions: readonly string[]): Promise<void> {
  await tx.query('delete from pending where position = any($1::bigint[])', [positions]);
}

/** How many records have no place yet. */
export async function countWaiting(tx: Tx): Promise<number> {
  const [row] = await tx.query<{ count: string }>('select count(*) from pending');
  return Number(row?.count ?? 0);
}

/** Keeps what can be no leaf, with the reason, counting repeats. */
export async function parkRecord(tx: Tx, record: WaitingRecord, reason: string): Promise<void> {
  const body = JSON.stringify(record.body);
  await tx.query(
    `insert into parked as p (reason, writer, digest, body) values ($1, $2, $3, $4)
     on conflict (digest, reason, writer) do update set times = p.times + 1`,
    [reason, record.writer, createHash('sha256').update(body).digest(), body],
  );
}

/** How many different records are parked, by reason; anything here wants a person. */
export async function countParked(tx: Tx): Promise<Record<string, number>> {
  const rows = await tx.query<{ reason: string; count: string }>(
    'select reason, count(*) from parked group by reason order by reason',
  );
  return Object.fromEntries(rows.map((row) => [row.reason, Number(row.count)]));
}
