import {
  asLogged,
  type ChainFault,
  type ChainHead,
  chainFault,
  type EvidenceRecord,
  headAfter,
} from '@interlock/domain';
import { digestOf } from '@interlock/proof';

/** Where the records of one source do not follow each other. */
export interface GapFound {
  readonly index: number;
  readonly source: string;
  readonly code: ChainFault;
}

/** Shown every record of one log in its order, finds each gap and fork in what gateways delivered, whether or not the broker says so. */
export function gapFinder(): { see(index: number, record: EvidenceRecord): void; readonly found: readonly GapFound[] } {
  const heads = new Map<string, ChainHead>();
  const found: GapFound[] = [];
  return {
    found,
    see: (index, record) => {
      const { source, place } = record;
      const head = heads.get(source);
      if (!head && !place) return;
      const code = chainFault(head, place);
      if (code) found.push({ index, source, code });
      heads.set(source, headAfter(head, place, digestOf(asLogged(record))));
    },
  };
}

export const gapLine = ({ index, source, code }: GapFound): string =>
  code === 'evidence_gap'
    ? `FINDING: records of ${source} are missing before row ${index}`
    : `FINDING: ${source} wrote another history from row ${index} on`;
