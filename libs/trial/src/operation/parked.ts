import type { EvidenceRecord } from '@interlock/domain';
import { newSalt, withhold } from '@interlock/proof';
import type pg from 'pg';
import { connected } from '../connected.js';

/** A record that could be no leaf, as it was kept. */
export interface ParkedRecord {
  readonly no: number;
  readonly reason: string;
  readonly writer: string;
  /** The log it was meant for, where it named one. */
  readonly log: string | null;
  readonly times: number;
  readonly parkedAt: string;
  readonly handledAt: string | null;
  readonly handledHow: string | null;
  /** SHA-256 of what is kept, base64url. */
  readonly digest: string;
  /** As it came; empty once its time was over. */
  readonly body: string;
  /** Whether its place among the appended records is known, so that it can be judged again. */
  readonly appended: boolean;
}

const COLUMNS = `no::float8, reason, writer, log, times::float8, parked_at::text as "parkedAt", handled_at::text as "handledAt",
  handled_how as "handledHow", encode(digest, 'base64') as digest, body, position is not null as appended`;

const ofRow = (row: ParkedRecord): ParkedRecord => ({
  ...row,
  digest: Buffer.from(row.digest, 'base64').toString('base64url'),
});

/** What is parked, the oldest first: what nobody dealt with, or everything. */
export async function parkedRecords(adminUrl: string, all: boolean): Promise<ParkedRecord[]> {
  let found: ParkedRecord[] = [];
  await connected(adminUrl, async (client) => {
    const { rows } = await client.query<ParkedRecord>(
      `select ${COLUMNS} from audit.parked where $1 or handled_at is null order by no limit 1000`,
      [all],
    );
    found = rows.map(ofRow);
  });
  return found;
}

/** Why nothing was done. */
export type WhyNotHandled = 'unknown' | 'not_appended' | 'emptied' | 'forgotten' | 'too_soon';

/** What was done, and by which record; or why nothing was. */
export type Handled = { readonly record: EvidenceRecord } | { readonly why: WhyNotHandled };

/**
 * Says how a parked record was dealt with, and with `again` lets the sequencer judge it once more: the rules of a newer release may know its kind. The row stays, and
 * what was done is a record of the log it was meant for, or of the operator's, in the same transaction.
 */
export const handleParked = (
  adminUrl: string,
  { no, how, again }: { readonly no: number; readonly how: string; readonly again: boolean },
  recordFor: (parked: ParkedRecord, log: string) => EvidenceRecord,
): Promise<Handled> =>
  inOne(adminUrl, async (client) => {
    const { rows } = await client.query<ParkedRecord & { position: string | null; known: boolean }>(
      `select ${COLUMNS}, position::text, exists (select from audit.log l where l.name = p.log) as known
       from audit.parked p where no = $1 for update`,
      [no],
    );
    const [row] = rows.map((one) => ({ ...one, ...ofRow(one) }));
    if (!row) return { why: 'unknown' };
    if (again && row.position === null) return { why: 'not_appended' };
    if (again && row.body === '') return { why: 'emptied' };
    // Taken off its place: what gets a place in a log must not be emptied with what is parked.
    await client.query(
      `update audit.parked set handled_at = now(), handled_how = $2, position = case when $3 then null else position end where no = $1`,
      [no, how, again],
    );
    if (again) await client.query('insert into audit.pending (position) values ($1)', [row.position]);
    const record = recordFor(row, row.known && row.log !== null ? row.log : 'operator');
    await appendOpen(client, record);
    return { record };
  });

/** Runs `work` in one transaction; what it answers with a reason leaves nothing behind. */
export async function inOne(adminUrl: string, work: (client: pg.Client) => Promise<Handled>): Promise<Handled> {
  let done: Handled = { why: 'unknown' };
  await connected(adminUrl, async (client) => {
    await client.query('begin');
    done = await work(client);
    await client.query('why' in done ? 'rollback' : 'commit');
  });
  return done;
}

/** Appends what the operator says; his words go beside the log, as a person's do. */
export async function appendOpen(client: pg.Client, said: EvidenceRecord): Promise<void> {
  const { record, opened } = withhold(said, newSalt);
  const { rows } = await client.query<{ position: string }>(
    'select evidence.append($1::jsonb, $2::jsonb)::text as position',
    [JSON.stringify(record), opened.length > 0 ? JSON.stringify(opened) : null],
  );
  if (Number(rows[0]?.position) < 0) throw new Error(`${record.id} is no record that a log takes; nothing was done`);
}
