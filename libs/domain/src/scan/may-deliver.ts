import { allow, type Decision, refuse } from '../decision.js';
import type { DataTerm } from '../documents/agreement.js';
import type { BatchScan } from '../documents/batch.js';
import type { Digest } from '../names.js';
import type { ScanVerdict } from './verdict.js';

export type ScanRefusal = 'scan_not_clean' | 'scanner_unavailable';

/**
 * Whether bytes of this digest may be delivered under a term, and what is said of them with it; nothing is said where no scanning was agreed. A verdict
 * over other bytes is none, and where scanning is agreed, none is no.
 */
export function mayDeliver(
  { scanning }: Pick<DataTerm, 'scanning'>,
  digest: Digest,
  verdict: ScanVerdict | undefined,
): Decision<BatchScan | undefined, ScanRefusal> {
  if (scanning !== 'required') return allow(undefined);
  if (!verdict || verdict.digest !== digest) return refuse('scanner_unavailable');
  const { engine, database, at, outcome, reason } = verdict;
  if (reason === 'engine_absent' || engine === null || database === null) return refuse('scanner_unavailable');
  return outcome === 'clean'
    ? allow({ engine, database, at })
    : refuse('scan_not_clean', { clause: reason ?? 'engine_failed' });
}

/** Whether a recipient may open what was sealed under a term that asks for a scanner. */
export const wasScanned = ({ scanning }: Pick<DataTerm, 'scanning'>, scan: BatchScan | undefined): boolean =>
  scanning !== 'required' || scan !== undefined;
