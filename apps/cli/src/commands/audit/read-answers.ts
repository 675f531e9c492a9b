import { readFileSync } from 'node:fs';
import { auditFilter, evidenceRecord, instant } from '@interlock/contracts';
import { digestOf, type ToldAnswer } from '@interlock/proof';
import { z } from 'zod';
import { WrongUsage } from '../perform.js';
import { cursorFile } from './stream/cursor-file.js';

export type Told = ToldAnswer & { readonly log: string };

const answers = z.looseObject({
  logs: z.array(z.looseObject({ log: z.string(), treeSize: z.number().int().min(0), filter: auditFilter })).min(1),
  rows: z.array(
    z.strictObject({
      log: z.string(),
      index: z.number().int().min(0),
      record: evidenceRecord,
      appendedAt: instant.optional(),
    }),
  ),
});

const keptRow = z.looseObject({ index: z.number().int().min(0), record: evidenceRecord });

/** What a stream must have handed over by now, and what its receiver has. It may have a row twice, and then the same twice. */
function streamed(cursor: z.infer<typeof cursorFile>, file: string | undefined): Told[] {
  if (file === undefined) throw new WrongUsage('give --rows, what the receiver of the stream kept as NDJSON');
  const kept = new Map<string, z.infer<typeof keptRow>>();
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const row = keptRow.safeParse(lastLine(line));
    if (!row.success) throw new WrongUsage(`${file} has a line that is no row of NDJSON as it was streamed`);
    kept.set(digestOf([row.data.index, row.data.record]), row.data);
  }
  return Object.entries(cursor.next).map(([log, treeSize]) => {
    const filter = auditFilter.safeParse({ ...cursor.question, log });
    if (!filter.success) throw new WrongUsage('the cursor does not say what was asked; it is of an older release');
    // What was taken just before the stream was killed may be ahead of its cursor.
    const rows = [...kept.values()].filter(({ record, index }) => record.log === log && index < treeSize);
    return { log, treeSize, filter: filter.data, rows: rows.map(({ index, record }) => ({ index, record })) };
  });
}

/** What was answered, from what `interlock audit query --json` printed; of a stream from its cursor and what its receiver kept. Throws WrongUsage where a file is neither. */
export function readAnswers(file: string, rowsFile?: string): Told[] {
  const json = lastLine(readFileSync(file, 'utf8'));
  const cursor = cursorFile.safeParse(json);
  if (cursor.success) return streamed(cursor.data, rowsFile);
  const read = answers.safeParse(json);
  if (!read.success) throw new WrongUsage(`${file} is not what "interlock audit query --json" prints`);
  const { logs, rows } = read.data;
  return logs.map(({ log, treeSize, filter }) => ({
    log,
    treeSize,
    filter,
    rows: rows.filter((row) => row.log === log),
  }));
}

function lastLine(text: string): unknown {
  try {
    return JSON.parse(text.trimEnd().split('\n').at(-1) ?? '');
  } catch {
    return undefined;
  }
}
