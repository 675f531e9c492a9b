import type { Tx } from '@interlock/chassis/db';
import type { AuditFilter } from '@interlock/contracts';
import { type EvidenceRecord, fitsFilter, type Instant, labelsWanted } from '@interlock/domain';
import { openRecord } from '@interlock/proof';
import { OPENED } from './entry.store.js';
import { labelKey } from './label-key.js';

/** An entry that a filter found. */
export interface FoundEntry {
  readonly index: number;
  /** As it lies in the log. */
  readonly record: EvidenceRecord;
  /** What opens what it withholds; none where there is nothing, or where it was erased. */
  readonly opened: readonly string[];
  /** The record with what was opened. */
  readonly said: EvidenceRecord;
  /** When it was appended, by this machine's clock. */
  readonly appendedAt: Instant;
}

/** What a filter found, and where to go on: null where there is nothing further. */
export interface Found {
  readonly entries: readonly FoundEntry[];
  readonly next: number | null;
}

/**
 * Entries of one log that fit the filter, by rising index below `size`, at most `limit`. Rows appended later always come later, so a
 * cursor is an index.
 */
export async function findEntries(
  tx: Tx,
  logNo: number,
  filter: AuditFilter,
  size: number,
  limit: number,
): Promise<Found> {
  const { where, values, keys } = conditionsOf(logNo, filter, size);
  values.push(limit + 1);
  await lookForLabels(tx, keys);
  const rows = await tx.query<Row>(
    `select e.idx, a.body, ${OPENED} as opened, floor(extract(epoch from a.appended_at) * 1000)::float8 as appended
     from (select idx, position from entry where ${where} order by idx limit $${values.length}) e
     join appended a using (position) left join own_disclosure o using (position) order by e.idx`,
    values,
  );
  await lookForLabels(tx, []);
  const page = rows.slice(0, limit).map(foundOf);
  return {
    // Numbers of labels may collide; the labels themselves decide.
    entries: page.filter(({ said }) => fitsFilter(said, filter)),
    next: rows.length > limit ? (page.at(-1)?.index ?? null) : null,
  };
}

/** Until it is taken back, this transaction sees entries with these labels alone: only so, under row-level security, their index answers. */
const lookForLabels = (tx: Tx, keys: readonly number[]): Promise<unknown> =>
  tx.query(`select set_config('interlock.labels', $1, true)`, [keys.length > 0 ? `{${keys.join(',')}}` : '']);

interface Row {
  readonly idx: string;
  readonly body: EvidenceRecord;
  readonly opened: readonly string[] | null;
  readonly appended: number;
}

function foundOf({ idx, body, opened, appended }: Row): FoundEntry {
  const open = openRecord(body, opened ?? []);
  // It opened when it got its place; whatever does not now was changed past the door, and is shown as the log has it.
  const said = open.allowed ? open.value : body;
  return { index: Number(idx), record: body, opened: opened ?? [], said, appendedAt: appended };
}

/** `press-7` means every party's press-7, `delta-foods.example/press-7` one of them: its owner is one more label. */
function conditionsOf(
  logNo: number,
  filter: AuditFilter,
  size: number,
): { where: string; values: unknown[]; keys: number[] } {
  const values: unknown[] = [logNo, size, filter.after ?? -1];
  const where = ['log_no = $1', 'idx < $2', 'idx > $3'];
  const demand = (condition: string, value: unknown): void => {
    values.push(value);
    where.push(`${condition} $${values.length}`);
  };
  const { resource, subject, from, to } = filter;
  const inColumn = (name: 'resource' | 'subject', text: string | undefined): string[] => {
    if (text === undefined) return [];
    const bare = text.slice(text.lastIndexOf('/') + 1);
    demand(`${name} =`, bare);
    return bare === text ? [`${name}:${text}`] : [];
  };
  const answered = [...inColumn('resource', resource), ...inColumn('subject', subject)];
  if (from !== undefined) demand('at >=', from);
  if (to !== undefined) demand('at <', to);
  const labels = labelsWanted(filter).filter((label) => !answered.includes(label));
  return { where: where.join(' and '), values, keys: labels.map((label) => labelKey(logNo, label)) };
}
