import type { Instant } from '../instant.js';
import type { EvidenceKind, EvidenceRecord } from './record.js';

/** A hold that a company set or lifted, or an erasure of what a log told of persons. */
export interface KeepingLine {
  readonly kind: EvidenceKind;
  /** Whose hold, or who asked; null where the retention that both signed was applied. */
  readonly organisation: string | null;
  /** Why it was erased; null for a hold. */
  readonly code: string | null;
  readonly at: Instant;
  /** Records that were erased; 0 for a hold. */
  readonly erased: number;
}

/** Holds of the period and erasures; of the same day and reason as one line, so that a rule that is applied each minute fills no page. */
function keepingOf(): { see(record: EvidenceRecord): void; result(): readonly KeepingLine[] } {
  const lines = new Map<string, KeepingLine>();
  return {
    see: ({ kind, organisation, code, at, count, id }) => {
      if (kind === 'hold.set' || kind === 'hold.lifted')
        lines.set(id, { kind, organisation, code: null, at, erased: 0 });
      if (kind !== 'evidence.erased') return;
      const name = JSON.stringify([organisation, code, Math.floor(at / DAY)]);
      const had = lines.get(name);
      lines.set(name, {
        kind,
        organisation,
        code,
        at: Math.max(at, had?.at ?? at),
        erased: count + (had?.erased ?? 0),
      });
    },
    result: () => [...lines.values()].sort((a, b) => a.at - b.at),
  };
}
const DAY = 86_400_000;

/** Records of one source that reached the log late, by the word of the operator. */
export interface LateLine {
  readonly source: string;
  readonly records: number;
  readonly longestMs: number;
}

/** What came more than this after it happened was under way, or was kept back. Milliseconds. */
const LATE = 60_000;

/** What reached the log late, by source: offline gateways deliver later, and a clock that is wrong shows here too. */
function lateOf(): {
  see(record: EvidenceRecord, appendedAt: Instant | undefined): void;
  result(): readonly LateLine[];
} {
  const lines = new Map<string, LateLine>();
  return {
    see: ({ source, at }, appendedAt) => {
      if (appendedAt === undefined || appendedAt - at <= LATE) return;
      const { records = 0, longestMs = 0 } = lines.get(source) ?? {};
      lines.set(source, { source, records: records + 1, longestMs: Math.max(longestMs, appendedAt - at) });
    },
    result: () => [...lines.values()].sort((a, b) => (a.source < b.source ? -1 : 1)),
  };
}

/** What was held and erased in a period, and what came late of it; `see` is shown every record of the period. */
export function keptAndLate(): {
  see(record: EvidenceRecord, appendedAt: Instant | undefined): void;
  result(): { readonly keeping: readonly KeepingLine[]; readonly late: readonly LateLine[] };
} {
  const [keeping, late] = [keepingOf(), lateOf()];
  return {
    see: (record, appendedAt) => {
      keeping.see(record);
      late.see(record, appendedAt);
    },
    result: () => ({ keeping: keeping.result(), late: late.result() }),
  };
}
