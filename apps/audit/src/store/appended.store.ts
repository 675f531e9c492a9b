import { createHash } from 'node:crypto';
import type { Tx } from '@interlock/chassis/db';

/** A record that was appended and has no place in its log yet. */
export interface WaitingRecord {
  readonly position: string;
  readonly writer: string;
  /** As the service wrote it; nothing about it is checked but its id and its log. */
  readonly body: unknown;
  /** What opens what the record withholds; as unchecked. */
  readonly opened: unknown;
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

/**
 * Takes records without a place, at most `limit`, and takes their marks away: in the same transaction they get their
 * place or are parked, or the marks are back.
 */
export const takeWaiting = (tx: Tx, limit: number): Promise<WaitingRecord[]> =>
  tx.query<WaitingRecord>(
    `with taken as (
       delete from pending where ctid = any(array(select ctid from pending limit $1)) returning position)
     select a.position::text, a.writer, a.body, a.opened from taken join appended a using (position) order by a.position`,
    [limit],
  );

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
