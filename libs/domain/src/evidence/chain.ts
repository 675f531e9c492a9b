import type { Digest } from '../names.js';

/** Where a record stands among those that its source delivered to its log: its number from 1 on, and the digest of the record before it. */
export interface RecordPlace {
  readonly sequence: number;
  /** Null for the first. */
  readonly previous: Digest | null;
}

/** The last record of a source in a log. */
export interface ChainHead {
  readonly sequence: number;
  readonly digest: Digest;
}

/** The place of the record after this one; of the first where there is none. */
export const placeAfter = (head: ChainHead | undefined): RecordPlace => ({
  sequence: (head?.sequence ?? 0) + 1,
  previous: head?.digest ?? null,
});

/**
 * `evidence_gap`: records of this source are missing before this one. `evidence_fork`: this place was taken, or what came before is said
 * otherwise; the source wrote two histories, as a restored image of a gateway does.
 */
export type ChainFault = 'evidence_gap' | 'evidence_fork';

/** Whether a record follows the last one of its source; undefined where it does. A source that once gave places gives them for good. */
export function chainFault(head: ChainHead | undefined, place: RecordPlace | undefined): ChainFault | undefined {
  if (!place) return head && 'evidence_fork';
  const next = placeAfter(head);
  if (place.sequence > next.sequence) return 'evidence_gap';
  return place.sequence === next.sequence && place.previous === next.previous ? undefined : 'evidence_fork';
}

/** The last record of the source once this one is there. After a fault the chain goes on from it, so that one fault is one finding. */
export const headAfter = (head: ChainHead | undefined, place: RecordPlace | undefined, digest: Digest): ChainHead => ({
  sequence: place?.sequence ?? (head?.sequence ?? 0) + 1,
  digest,
});
