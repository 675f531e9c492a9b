import { createHash } from 'node:crypto';
import type { AskScanner } from '@interlock/company-side';
import {
  allow,
  type BatchScan,
  type DataTerm,
  type Decision,
  type Digest,
  type Instant,
  mayDeliver,
  refuse,
  type ScanRefusal,
  type ScanVerdict,
} from '@interlock/domain';
import { contentOf } from '@interlock/proof';
import type { HeldFindings, HeldLot } from './held-findings.js';

export interface FlowScanOptions {
  readonly term: DataTerm;
  /** Undefined where this gateway has none: then a flow whose agreement asks for one delivers nothing. */
  readonly scanner: AskScanner | undefined;
  readonly findings: HeldFindings;
  readonly now: () => Instant;
  /** Something is held back now. */
  readonly onHeld: (verdict: ScanVerdict, lot: HeldLot, foundAt: Instant) => void;
  /** Nobody can say whether anything is clean; said once until somebody can again. */
  readonly onUnavailable: () => void;
}

export interface FlowScan {
  /**
   * Whether what would be sealed together may be. What is not clean and cannot be looked at in smaller parts is held back.
   *
   * @param whole whether this is the smallest part there is
   */
  look(lot: HeldLot, whole: boolean): Promise<Decision<BatchScan | undefined, ScanRefusal | 'edge_full'>>;
}

/** Asks for a verdict over the very bytes that will be sealed, where the agreement asks for one. */
export const flowScan = (options: FlowScanOptions): FlowScan => new Scan(options);

class Scan implements FlowScan {
  private unavailable = false;

  constructor(private readonly options: FlowScanOptions) {}

  async look(lot: HeldLot, whole: boolean): Promise<Decision<BatchScan | undefined, ScanRefusal | 'edge_full'>> {
    const { term, scanner, findings, now } = this.options;
    if (term.scanning !== 'required') return allow(undefined);
    const content = contentOf(lot.observations);
    const verdict = await scanner?.(content);
    const may = mayDeliver(term, digestOf(content), verdict);
    if (!may.allowed && may.refusal.code === 'scanner_unavailable') {
      if (!this.unavailable) this.options.onUnavailable();
      this.unavailable = true;
      return may;
    }
    this.unavailable = false;
    if (may.allowed || !whole || !verdict) return may;
    // The record says it to the millisecond: a release is signed over this instant, by whoever reads the record.
    const foundAt = Math.floor(now());
    const held = findings.hold(verdict, lot, foundAt);
    if (held === 'held') this.options.onHeld(verdict, lot, foundAt);
    // Whoever pushed it is told; what was fetched at the machine has nobody who would bring it again, so it waits.
    return held === 'full' && lot.presenter === null ? refuse('edge_full') : may;
  }
}

const digestOf = (bytes: Uint8Array): Digest =>
  `sha256:${createHash('sha256').update(bytes).digest('base64url')}` as Digest;
