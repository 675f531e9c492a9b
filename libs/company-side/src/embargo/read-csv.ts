import { allow, type Decision, refuse } from '@interlock/domain';

/**
 * Reads a comma-separated file with a header (RFC 4180). Refused as truncated where the last line has no end, a quote stays open, or a row has
 * more or fewer fields than the header: half a file must never pass for a shorter list.
 */
export function readCsv(
  text: string,
  columns: readonly string[],
): Decision<readonly Readonly<Record<string, string>>[], 'embargo_list_truncated'> {
  const rows = text.endsWith('\n') ? rowsOf(text) : undefined;
  const header = rows?.[0];
  if (!rows || !header) return refuse('embargo_list_truncated', { detail: 'the last line has no end' });
  const missing = columns.find((column) => !header.includes(column));
  if (missing !== undefined) return refuse('embargo_list_truncated', { detail: `there is no column "${missing}"` });
  const odd = rows.findIndex((row) => row.length !== header.length);
  if (odd >= 0) return refuse('embargo_list_truncated', { detail: `row ${odd + 1} has ${rows[odd]?.length} fields` });
  return allow(rows.slice(1).map((row) => Object.fromEntries(header.map((name, at) => [name, row[at] ?? '']))));
}

/** Undefined where a quote is never closed. */
function rowsOf(text: string): string[][] | undefined {
  const rows: string[][] = [];
  const field = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n)/gy;
  let row: string[] = [];
  while (field.lastIndex < text.length) {
    const found = field.exec(text);
    if (!found) return undefined;
    const [, value = '', end] = found;
    row.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value);
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
