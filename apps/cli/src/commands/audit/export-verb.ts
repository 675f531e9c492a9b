import { once } from 'node:events';
import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { type AgreementId, allow, type Decision } from '@interlock/domain';
import { type Command, Option } from 'commander';
import { type JsonOption, perform, type Shown, tell } from '../perform.js';
import { everyAgreement } from './every-agreement.js';
import { EXPORT_FORMATS, type ExportName } from './export-formats.js';
import { historySource, type SourceOptions } from './history-source.js';
import { type LogQuestion, readPages } from './read-log.js';

type ExportOptions = JsonOption &
  SourceOptions &
  LogQuestion & {
    readonly log?: AgreementId;
    readonly format: ExportName;
    readonly out: string;
  };

/** Rows between two words of progress; a page has a thousand. */
const TELL_EVERY = 10_000;

/** `interlock audit export`: what a question finds, verified row by row, as a file for other programs. */
export function exportVerb(command: Command): void {
  command
    .description('write what a question finds to a file, every row verified before it is written')
    .addOption(
      new Option('--format <name>', 'how each row is written').choices(Object.keys(EXPORT_FORMATS)).default('ndjson'),
    )
    .requiredOption('--out <file>', 'where to; it is there only once it is whole')
    .action((options: ExportOptions) => perform(options, () => exportRows(options)));
}

async function exportRows(options: ExportOptions): Promise<Decision<Shown>> {
  const { company: _dir, connector, home, open, loginCommand, log, format, out, json: _json, ...question } = options;
  const source = await historySource(options);
  if (!source.allowed) return source;
  const company = source.value;
  const ids = log === undefined ? await everyAgreement(company) : allow([log]);
  if (!ids.allowed) return ids;
  const written = await wholeFile(out, async (write) => {
    await write(EXPORT_FORMATS[format].head);
    const logs: { log: string; treeSize: number; rows: number }[] = [];
    for (const id of ids.value) {
      let rows = 0;
      const read = await readPages(company, id, question, async (page) => {
        await write(page.map((row) => EXPORT_FORMATS[format].line(row)).join(''));
        rows += page.length;
        if (rows % TELL_EVERY === 0) tell(`${rows} rows of ${id} ...`);
      });
      if (!read.allowed) return read;
      logs.push({ log: id, treeSize: read.value.treeSize, rows });
    }
    return allow(logs);
  });
  if (!written.allowed) return written;
  const rows = written.value.reduce((sum, one) => sum + one.rows, 0);
  const lines = [`${rows} row(s) in ${out}, each proven to be in its log`];
  return allow({ json: { out, format, rows, logs: written.value }, lines });
}

/** Runs `work` with a way to write, which waits while the disk is behind; the file is there only after a yes. */
async function wholeFile<T>(
  out: string,
  work: (write: (text: string) => Promise<void>) => Promise<Decision<T>>,
): Promise<Decision<T>> {
  const unfinished = `${out}.unfinished`;
  const file = createWriteStream(unfinished);
  const failed = once(file, 'error').then(([cause]) => Promise.reject(cause as Error));
  // A disk that takes nothing is heard of at the next write, or at the end.
  failed.catch(() => undefined);
  try {
    const done = await work(async (text) => {
      if (text !== '' && !file.write(text)) await Promise.race([once(file, 'drain'), failed]);
    });
    if (!done.allowed) return done;
    file.end();
    await Promise.race([once(file, 'close'), failed]);
    renameSync(unfinished, out);
    return done;
  } finally {
    file.destroy();
    rmSync(unfinished, { force: true });
  }
}
