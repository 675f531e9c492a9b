import { type AgreementId, allow, type Decision, type EvidenceRecord, type Instant } from '@interlock/domain';
import type { HistorySource } from '../company-broker.js';
import { tell, WrongUsage } from '../perform.js';
import { verifyCopy } from './copy-log.js';
import { readPages } from './read-log.js';

/** What a count or a report rests on. */
export interface RecordSource {
  readonly treeSize: number;
  readonly cosigned: readonly string[];
  /** When each of them did, by its witness's clock. */
  readonly cosignedAt: readonly Instant[];
  /** True where every record of the tree was read: nothing can have been left out. */
  readonly whole: boolean;
}

const TELL_EVERY = 50_000;

/** Shows `see` every record of a log, each proven: from what `interlock audit copy` wrote, or from the audit service where `copy` is left out. */
export const everyRecord = (
  company: HistorySource,
  id: AgreementId,
  copy: string | undefined,
  see: (record: EvidenceRecord, appendedAt?: Instant) => void,
): Promise<Decision<RecordSource>> =>
  copy === undefined ? fromBroker(company, id, see) : fromCopy(copy, company, id, see);

async function fromBroker(
  company: HistorySource,
  id: AgreementId,
  see: (record: EvidenceRecord, appendedAt?: Instant) => void,
): Promise<Decision<RecordSource>> {
  let rows = 0;
  // From the first record on: what happens in a period may have begun before it.
  const read = await readPages(company, id, {}, async (page) => {
    for (const { record, appendedAt } of page) see(record, appendedAt);
    rows += page.length;
    if (rows % TELL_EVERY === 0) tell(`${rows} records ...`);
  });
  if (!read.allowed) return read;
  const { treeSize, cosigned, cosignedAt } = read.value;
  return allow({ treeSize, cosigned, cosignedAt, whole: rows === treeSize });
}

async function fromCopy(
  folder: string,
  { pins }: HistorySource,
  id: AgreementId,
  see: (record: EvidenceRecord) => void,
): Promise<Decision<RecordSource>> {
  const copied = await verifyCopy(folder, pins, (_, record) => see(record));
  if (!copied.allowed) return copied;
  const { log, checkpoint, cosigned, cosignedAt } = copied.value;
  if (log !== id) throw new WrongUsage(`${folder} is a copy of ${log}`);
  return allow({ treeSize: checkpoint.size, cosigned, cosignedAt, whole: true });
}
