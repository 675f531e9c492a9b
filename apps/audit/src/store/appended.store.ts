import { createHash } from 'node:crypto';
import type { Tx } from '@interlock/chassis/db';
import type { Instant } from '@interlock/domain';

/** A record that was appended and has no place in its log yet. */
export interface WaitingRecord {
  readonly position: string;
  readonly writer: string;
  /** As the service wrote it; nothing about it is checked but its id and its log. */
  readonly body: unknown;
  /** What opens what the record withholds; as unchecked. */
  readonly opened: unknown;
  /** What opens what one company keeps from the other; as unchecked. */
  readonly own: unknown;
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
     select a.position::text, a.writer, a.body, a.opened, o.opened as own
     from taken join appended a using (position) left join own_disclosure o using (position) order by a.position`,
    [limit],
  );

/** How many records have no place yet. */
export async function countWaiting(tx: Tx): Promise<number> {
  const [row] = await tx.query<{ count: string }>('select count(*) from pending');
  return Number(row?.count ?? 0);
}

/** Keeps what can be no leaf, with the reason, counting repeats. What it says of persons goes with it in time: `eraseParked`. */
export async function parkRecord(
  tx: Tx,
  { body, opened, own, writer, position }: WaitingRecord,
  reason: string,
): Promise<void> {
  const kept = JSON.stringify(opened === null && own === null ? body : { record: body, opened, own });
  await tx.query(
    `insert into parked as p (reason, writer, digest, body, log, position)
     values ($1, $2, $3, $4, (select a.log from appended a where a.position = $5::bigint), $5::bigint)
     on conflict (digest, reason, writer) do update set times = p.times + 1, position = excluded.position`,
    [reason, writer, createHash('sha256').update(kept).digest(), kept, position],
  );
}

/** What is parked for a log that nobody agreed on is kept for so long. Seconds. */
const PARKED_WITHOUT_RULE = 30 * 86_400;

/**
 * Takes away the words of parked records whose time is over, where they are parked and where they were appended: why, whose and how often stays,
 * and their digest. The rule of their agreement counts from when they came, and a hold is before it. Answers in which logs how many.
 */
export const eraseParked = (tx: Tx, now: Instant): Promise<{ readonly log: string; readonly count: number }[]> =>
  tx.query(
    `with due as (
       select p.no, p.position, coalesce(l.name, 'operator') as log from parked p left join log l on l.name = p.log
       where p.body <> '' and not exists (select from hold h where h.log_no = l.no)
         and (p.log is null or l.no is null or l.retention_seconds is not null or p.log = 'operator')
         and extract(epoch from p.parked_at) * 1000 + coalesce(l.retention_seconds, $2) * 1000 <= $1
       order by p.no limit 500 for update of p skip locked),
     words as (update parked p set body = '' from due where p.no = due.no returning due.log),
     own as (delete from own_disclosure o using due where o.position = due.position),
     opened as (
       update appended a set body = 'null', opened = null from due where a.position = due.position returning a.position)
     select log, count(*)::float8 as count from words group by log order by log`,
    [now, PARKED_WITHOUT_RULE],
  );

/** How many different records are parked that nobody dealt with, by reason; anything here wants a person. */
export async function countParked(tx: Tx): Promise<Record<string, number>> {
  const rows = await tx.query<{ reason: string; count: string }>(
    'select reason, count(*) from parked where handled_at is null group by reason order by reason',
  );
  return Object.fromEntries(rows.map((row) => [row.reason, Number(row.count)]));
}
