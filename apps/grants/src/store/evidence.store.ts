import type { Ids } from '@interlock/chassis';
import { appendEvidence, type Tx } from '@interlock/chassis/db';
import type { EvidenceRecord } from '@interlock/domain';

/** What a record says beside what every record says. */
export type Said = Pick<EvidenceRecord, 'log' | 'kind' | 'outcome' | 'at'> & Partial<EvidenceRecord>;

/** Writes what happened into the log of the agreement, in the transaction in which it happened. */
export async function record(tx: Tx, ids: Ids, said: Said): Promise<void> {
  await appendEvidence(tx, wholeRecord(ids, said));
}

/** The record as it is written, with a name of its own. */
export const wholeRecord = (ids: Ids, said: Said): EvidenceRecord => ({
  v: 1,
  id: ids.next('evd'),
  source: 'broker/grants',
  organisation: null,
  subject: null,
  resource: null,
  agreement: null,
  grant: null,
  session: null,
  code: null,
  approvers: [],
  region: null,
  recipients: [],
  documents: [],
  count: 1,
  correlation: null,
  ...said,
  clause: said.clause ? printable(said.clause) : null,
});

/** A clause may come from a stranger's document; the log keeps text that every reader can show. */
const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 300);
