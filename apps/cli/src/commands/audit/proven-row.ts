import type { EvidenceRecord } from '@interlock/domain';

/** A row as it was proven: its place in the log, and what it says. */
export interface ProvenRow {
  readonly index: number;
  readonly record: EvidenceRecord;
}
