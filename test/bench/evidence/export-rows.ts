import { once } from 'node:events';
import { createWriteStream, rmSync, statSync } from 'node:fs';
import { Transactor } from '@interlock/chassis/db';
import { auditAnswer } from '@interlock/contracts';
import type { AgreementId } from '@interlock/domain';
import { type LogReader, parseVkey, verifyLogAnswer } from '@interlock/proof';
import { DataSource } from 'typeorm';
import { queryLog } from '../../../apps/audit/src/commands/query-log.js';
import { EXPORT_FORMATS } from '../../../apps/cli/src/commands/audit/export-formats.js';
import { BUYER } from './fixed-history.js';

/** What the process that exports is told. */
export interface ExportTask {
  readonly url: string;
  readonly logs: readonly { readonly log: AgreementId; readonly vkey: string }[];
  /** Where to; it is looked at and thrown away. */
  readonly out: string;
  /** Rows after which it ends, whatever there is. */
  readonly most: number;
}

/** What it answers: the highest resident memory so far, at each power of ten of rows and at the end. */
export interface Exported {
  readonly rows: number;
  readonly perSecond: number;
  readonly mib: number;
  readonly peaksMiB: Readonly<Record<string, number>>;
}

/** Rows of a page, as the command line asks for them. */
const PAGE = 1_000;
const FIRST_MARK = 10_000;

/**
 * A whole export in one process: pages of the audit service's own answer, through JSON and the declared shape as over HTTP, each row verified against the signed tree,
 * written in the format of the export, waiting while the disk is behind.
 */
export async function exportRows({ url, logs, out, most }: ExportTask): Promise<Exported> {
  const options = { schema: 'audit', poolSize: 2, installExtensions: false };
  const extra = { options: '-c search_path=audit' };
  const source = await new DataSource({ type: 'postgres', url, ...options, extra }).initialize();
  const transactor = new Transactor(source, 'audit');
  const file = createWriteStream(out);
  const peaksMiB: Record<string, number> = {};
  const began = performance.now();
  let [rows, mark] = [0, FIRST_MARK];
  for (const { log, vkey } of logs)
    for await (const page of pagesOf(transactor, log, readerOf(vkey))) {
      if (!file.write(page.text)) await once(file, 'drain');
      rows += page.rows;
      if (rows >= mark) {
        peaksMiB[mark] = peakMiB();
        mark *= 10;
      }
      if (rows >= most) break;
    }
  file.end();
  await once(file, 'close');
  const seconds = (performance.now() - began) / 1_000;
  const mib = Math.round(statSync(out).size / 2 ** 20);
  rmSync(out);
  await source.destroy();
  peaksMiB[rows] = peakMiB();
  return { rows, perSecond: Math.round(rows / seconds), mib, peaksMiB };
}

const peakMiB = (): number => Math.round(process.resourceUsage().maxRSS / 1_024);

/** The log's signature is asked for, and no witness's: none watches the logs of the bench. */
function readerOf(vkey: string): LogReader {
  const key = parseVkey(vkey);
  if (!key.allowed) throw new Error(`${vkey} is no key of a log`);
  return { log: key.value, witnesses: [], cosigners: 0 };
}

async function* pagesOf(transactor: Transactor, log: AgreementId, reader: LogReader) {
  let treeSize: number | undefined;
  for (let after: number | undefined; ; ) {
    const filter = { log, limit: PAGE, ...(after !== undefined && { after }), ...(treeSize && { treeSize }) };
    const answer = await transactor.run((tx) => queryLog(tx, { organisation: BUYER, filter }));
    if (!answer.allowed) throw new Error(answer.refusal.code);
    const heard = auditAnswer.parse(JSON.parse(JSON.stringify(answer.value)));
    const proven = verifyLogAnswer(heard, log, reader);
    if (!proven.allowed) throw new Error(`${proven.refusal.code} ${proven.refusal.clause}`);
    yield { rows: proven.value.rows.length, text: proven.value.rows.map(EXPORT_FORMATS.ndjson.line).join('') };
    if (heard.next === null) return;
    [after, treeSize] = [heard.next, heard.treeSize];
  }
}
