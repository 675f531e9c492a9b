import { headAfter, placeAfter } from '@interlock/domain';
import { canonicalBytes, digestOfBytes, hashLeaf, withhold } from '@interlock/proof';
import { keysOf } from '../../../apps/audit/src/store/entry.store.js';
import type { SourceHead } from '../../../apps/audit/src/store/source-head.store.js';
import { recordOf, type Sides, saltsOf } from './fixed-history.js';

/** A log that is filled, and where it and the table of records stand before. */
export interface FilledLog extends Sides {
  readonly no: number;
  /** Places already given. */
  readonly size: number;
}

/** Records `first + k * step` for every k below `count`, each the next of `log`. */
export interface Part {
  readonly log: FilledLog;
  readonly first: number;
  readonly step: number;
  readonly count: number;
  /** Number of the record before the first one, in the table of all records. */
  readonly position: number;
}

/** Rows in the text format of COPY, made by the rules by which the audit service makes them. */
export interface Rows {
  readonly logNo: number;
  readonly records: number;
  readonly appended: Buffer;
  readonly entries: Buffer;
}

export const APPENDED_COLUMNS = 'position, id, log, writer, body, appended_at, opened';
export const ENTRY_COLUMNS = 'log_no, idx, position, leaf_hash, at, resource, subject, labels';

/** The rows of one part, so many records at a time. Answers the head of the gateway's chain. */
export function* rowsOfPart(part: Part, atOnce: number): Generator<Rows, SourceHead | undefined> {
  const { log, first, step, count, position } = part;
  let head: SourceHead | undefined;
  for (let from = 0; from < count; from += atOnce) {
    let [appended, entries] = ['', ''];
    const to = Math.min(count, from + atOnce);
    for (let k = from; k < to; k += 1) {
      const n = first + k * step;
      const made = rowOf(n, log, head);
      head = made.head;
      const place = position + n + 1;
      appended += `${place}\t${made.appended}\n`;
      entries += `${log.no}\t${log.size + k}\t${place}\t${made.entry}\n`;
    }
    yield { logNo: log.no, records: to - from, appended: Buffer.from(appended), entries: Buffer.from(entries) };
  }
  return head;
}

function rowOf(n: number, log: FilledLog, head: SourceHead | undefined) {
  const happened = recordOf(n, log);
  const { source } = happened;
  const byGateway = !source.startsWith('broker/');
  const said = byGateway ? { ...happened, place: placeAfter(head) } : happened;
  const { record, opened } = withhold(said, saltsOf(n));
  const bytes = canonicalBytes(record);
  const json = bytes.toString('utf8');
  if (json.includes('\\')) throw new Error('the text format of COPY would read this record otherwise');
  const disclosed = opened.length > 0 ? JSON.stringify(opened) : '\\N';
  const at = new Date(record.at).toISOString();
  const hash = Buffer.from(hashLeaf(bytes)).toString('hex');
  const { id, log: name, resource } = record;
  const keys = keysOf(log.no, said).join(',');
  return {
    appended: `${id}\t${name}\t${byGateway ? 'interlock_federation_api' : 'interlock_grants'}\t${json}\t${at}\t${disclosed}`,
    entry: `\\\\x${hash}\t${record.at}\t${resource?.id ?? '\\N'}\t${said.subject?.id ?? '\\N'}\t{${keys}}`,
    head: byGateway ? { logNo: log.no, source, ...headAfter(head, record.place, digestOfBytes(bytes)) } : head,
  };
}
