import type { Taken } from '@interlock/company-side';
import type { ProvenRow } from '../proven-row.js';

/** A program that keeps what it is handed. A batch that was not taken is handed over again, so a row may come twice and never not at all. */
export interface Receiver {
  take(rows: readonly ProvenRow[]): Promise<Taken>;
}
