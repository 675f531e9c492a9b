import type { AgreementId } from '@interlock/domain';
import type { GatewayClock } from '../gateway-clock.js';
import { PROGRAM } from '../program-report.js';
import type { EvidenceBook } from './evidence-book.js';

/**
 * Tells both sides of an agreement, once for every start, what enforces for it: which program of which release, by which zone database, and all it can
 * judge. It takes the gateway's own way into the log: its disk, its chain of records, its key at the hand-over.
 */
export function reportStart({
  book,
  clock,
}: {
  readonly book: EvidenceBook;
  readonly clock: GatewayClock;
}): (agreement: AgreementId) => void {
  const told = new Set<AgreementId>();
  return (agreement) => {
    if (told.has(agreement)) return;
    told.add(agreement);
    const said = { kind: 'gateway.started', outcome: 'change', at: clock.now(), program: PROGRAM } as const;
    void book.note(agreement, undefined, said, false);
  };
}
