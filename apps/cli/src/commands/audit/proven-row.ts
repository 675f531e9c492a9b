import type { EvidenceRecord, Instant } from '@interlock/domain';

/** A row as it was proven: its place in the log, and what it says; and when the operator says that it was appended, which `interlock audit when` bounds by proof. */
export interface ProvenRow {
  readonly index: number;
  readonly record: EvidenceRecord;
  readonly appendedAt?: Instant;
}
