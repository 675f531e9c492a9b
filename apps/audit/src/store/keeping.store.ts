import type { Tx } from '@interlock/chassis/db';
import { asLogged, type EvidenceRecord, type Instant, type OrganisationId, type PersonOf } from '@interlock/domain';
import { keysOf } from './entry.store.js';
import { labelKey } from './label-key.js';

/** A log of which something may be erased, held against change until the transaction ends. */
export interface DueLog {
  readonly no: number;
  readonly name: EvidenceRecord['log'];
  readonly retentionSeconds: number | null;
  readonly erasedTo: number;
}

const COLUMNS = `l.no, l.name, l.retention_seconds::float8 as "retentionSeconds", l.erased_to::float8 as "erasedTo"`;
/** When the retention of an entry begins, in milliseconds. */
const SINCE = `least(e.at, extract(epoch from a.appended_at) * 1000)::float8`;

/** Writes down how long the newest version of an agreement keeps evidence. */
export const keepFor = (tx: Tx, log: string, seconds: number | null): Promise<unknown> =>
  tx.query('update log set retention_seconds = $2 where name = $1', [log, seconds]);

/** One log whose oldest unerased entry is past its time, that nobody holds and no other replica is at. */
export async function lockDueLog(tx: Tx, now: Instant): Promise<DueLog | undefined> {
  const [row] = await tx.query<DueLog>(
    `select ${COLUMNS} from log l
     join lateral (select ${SINCE} as since from entry e join appended a using (position)
       where e.log_no = l.no and e.idx = l.erased_to) first on first.since + l.retention_seconds * 1000 <= $1
     where l.retention_seconds is not null and l.erased_to < l.size
       and not exists (select from hold h where h.log_no = l.no)
     order by l.no limit 1 for update of l skip locked`,
    [now],
  );
  return row;
}

/** A log by its name, held against change; undefined where this organisation may not see it. */
export async function lockLogToKeep(tx: Tx, name: string): Promise<DueLog | undefined> {
  const [row] = await tx.query<DueLog>(`select ${COLUMNS} from log l where l.name = $1 for update`, [name]);
  return row;
}

export async function holdersOf(tx: Tx, logNo: number): Promise<OrganisationId[]> {
  const rows = await tx.query<{ organisation: OrganisationId }>(
    'select organisation from hold where log_no = $1 order by organisation',
    [logNo],
  );
  return rows.map((row) => row.organisation);
}

/** Sets or lifts the hold of one company; false where it was so already. */
export async function changeHold(tx: Tx, logNo: number, organisation: OrganisationId, held: boolean): Promise<boolean> {
  const sql = held
    ? 'insert into hold (log_no, organisation) values ($1, $2) on conflict do nothing returning log_no'
    : 'delete from hold where log_no = $1 and organisation = $2 returning log_no';
  return (await tx.query(sql, [logNo, organisation])).length > 0;
}

/** An entry as the erasure looks at it. */
export interface KeptEntry {
  readonly idx: number;
  readonly position: string;
  readonly since: Instant;
  readonly open: boolean;
  readonly body: EvidenceRecord;
}

/** Entries from a place on, in order. */
export const entriesFrom = (tx: Tx, logNo: number, from: number, limit: number): Promise<KeptEntry[]> =>
  tx.query<KeptEntry>(
    `select e.idx::float8 as idx, a.position::text, ${SINCE} as since, (a.opened is not null or o.position is not null) as open, a.body
     from entry e join appended a using (position) left join own_disclosure o using (position) where e.log_no = $1 and e.idx >= $2 order by e.idx limit $3`,
    [logNo, from, limit],
  );

/** Takes away what opens these entries, and what they could be found by with it. Their leaves stay as they are. */
export async function eraseEntries(tx: Tx, logNo: number, entries: readonly KeptEntry[], to: number): Promise<void> {
  const open = entries.filter((entry) => entry.open);
  const positions = open.map(({ position }) => position);
  await tx.query('update appended set opened = null where position = any($1::bigint[]) and opened is not null', [
    positions,
  ]);
  await tx.query('delete from own_disclosure where position = any($1::bigint[])', [positions]);
  await tx.query(
    `update entry e set subject = case when n.person then null else e.subject end, labels = n.labels::bigint[]
     from unnest($2::bigint[], $3::boolean[], $4::text[]) as n (idx, person, labels) where e.log_no = $1 and e.idx = n.idx`,
    [
      logNo,
      open.map(({ idx }) => idx),
      open.map(({ body }) => body.withheld?.subject !== undefined),
      open.map(({ body }) => `{${keysOf(logNo, asLogged(body)).join(',')}}`),
    ],
  );
  await tx.query('update log set erased_to = $2 where no = $1', [logNo, to]);
}

/** An entry that may tell of a person, with what opens it. */
export interface OpenEntry {
  readonly idx: number;
  readonly position: string;
  readonly body: EvidenceRecord;
  readonly opened: readonly string[];
}

/** Entries of a log that may tell of a person and are open: found by what they are found by, and those that say who handed a right on. */
export const entriesOfPerson = (tx: Tx, logNo: number, { id }: PersonOf): Promise<OpenEntry[]> =>
  tx.query<OpenEntry>(
    `select e.idx::float8 as idx, a.position::text, a.body, a.opened
     from entry e join appended a using (position) where e.log_no = $1 and a.opened is not null
       and (e.subject = $2 or e.labels @> $3::bigint[] or e.labels @> $4::bigint[] or a.body -> 'withheld' ?| array['delegators', 'deputies'])
     order by e.idx`,
    [logNo, id, [labelKey(logNo, `approver:${id}`)], wordsIn(id).map((word) => labelKey(logNo, `word:${word}`))],
  );

const wordsIn = (id: string): string[] =>
  id
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');

/** Leaves of what opens an entry these disclosures alone, and with what went what it could be found by. */
export async function closeMembers(
  tx: Tx,
  logNo: number,
  { idx, position }: OpenEntry,
  left: { readonly opened: readonly string[]; readonly said: EvidenceRecord },
): Promise<void> {
  const { opened, said } = left;
  await tx.query('update appended set opened = $2 where position = $1', [
    position,
    opened.length > 0 ? JSON.stringify(opened) : null,
  ]);
  await tx.query(
    `update entry set subject = case when $3 then subject end, labels = $4::bigint[] where log_no = $1 and idx = $2`,
    [logNo, idx, said.subject !== null, `{${keysOf(logNo, said).join(',')}}`],
  );
}
