import type { Tx } from '@interlock/chassis/db';
import type { AuditFilter } from '@interlock/contracts';
import { parseOrganisationId } from '@interlock/domain';

/** An entry that a filter found. */
export interface FoundEntry {
  readonly index: number;
  readonly record: unknown;
}

const SUBJECT_KINDS = ['person', 'machine', 'workload'] as const;

/** `press-7` means every party's press-7, `delta-foods.example/press-7` one of them: names live in their owner's namespace. */
function keysNamed(text: string, parties: readonly string[], kinds: readonly string[]): string[] {
  const first = text.split('/')[0] as string;
  if (first !== text && first.includes('.') && parseOrganisationId(first)) return [text];
  if (kinds.length === 0) return parties.map((party) => `${party}/${text}`);
  return parties.flatMap((party) => kinds.map((kind) => `${party}/${kind}/${text}`));
}

/**
 * Entries of one log that match every member of the filter, by rising index below `size`, one more than the limit so
 * that the caller sees whether there are further ones. Rows appended later always come later, so a cursor is an index.
 */
export async function findEntries(
  tx: Tx,
  logNo: number,
  filter: AuditFilter,
  size: number,
  parties: readonly string[],
): Promise<FoundEntry[]> {
  const values: unknown[] = [logNo, size, filter.after ?? -1, filter.limit + 1];
  const where: string[] = [];
  const require = (condition: (parameter: string) => string, value: unknown): void => {
    if (value === undefined) return;
    values.push(value);
    where.push(condition(`$${values.length}`));
  };
  const equal = (column: string) => (parameter: string) => `e.${column} = ${parameter}`;
  const anyOf = (column: string) => (parameter: string) => `e.${column} = any(${parameter}::text[])`;
  require(anyOf('resource'), filter.resource && keysNamed(filter.resource, parties, []));
  require(anyOf('subject'), filter.subject && keysNamed(filter.subject, parties, SUBJECT_KINDS));
  require(equal('kind'), filter.kind);
  require(equal('outcome'), filter.outcome);
  require(equal('clause'), filter.clause);
  require(equal('region'), filter.region);
  require((parameter) => `e.at >= ${parameter}`, filter.from);
  require((parameter) => `e.at < ${parameter}`, filter.to);
  require((parameter) =>
    `e.idx in (select p.idx from approval p where p.log_no = $1 and p.approver = ${parameter})`, filter.approver);
  const rows = await tx.query<{ idx: string; body: unknown }>(
    `select e.idx, a.body from entry e join appended a using (position)
     where e.log_no = $1 and e.idx < $2 and e.idx > $3 ${where.map((condition) => `and ${condition}`).join(' ')}
     order by e.idx limit $4`,
    values,
  );
  return rows.map((row) => ({ index: Number(row.idx), record: row.body }));
}
