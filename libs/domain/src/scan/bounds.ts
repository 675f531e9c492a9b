import type { ScanReason } from './verdict.js';

/** How much may come out of one delivery. Everything above is refused before an engine sees it. */
export interface ScanBounds {
  /** Members of archives, decoded strings and decompressed contents together. */
  readonly entries: number;
  /** Containers inside one another, encodings included. */
  readonly depth: number;
  /** Bytes of one part; not above the engine's own limit, over which it says OK without having looked. */
  readonly memberBytes: number;
  /** Bytes of all parts. */
  readonly totalBytes: number;
  /** Bytes that come out for one that went in. */
  readonly ratio: number;
  /** Up to here the ratio says nothing: small texts compress well. Bytes. */
  readonly ratioFrom: number;
}

const MIB = 1024 * 1024;

export const SCAN_BOUNDS: ScanBounds = {
  entries: 1_000,
  depth: 8,
  memberBytes: 8 * MIB,
  totalBytes: 32 * MIB,
  ratio: 100,
  ratioFrom: MIB,
};

/** What came out so far. */
export interface Unfolded {
  readonly entries: number;
  readonly bytes: number;
}

export const NOTHING_UNFOLDED: Unfolded = { entries: 0, bytes: 0 };

/** One part that is about to come out, or claims to: `from` bytes became `to`, `depth` containers down. */
export interface Part {
  readonly from: number;
  readonly to: number;
  readonly depth: number;
}

/** Which bound this part breaks, if any. Asked of the size that is declared, and again of the size that came. */
export function boundBroken(bounds: ScanBounds, before: Unfolded, part: Part): ScanReason | undefined {
  if (part.depth > bounds.depth) return 'too_deep';
  if (before.entries + 1 > bounds.entries) return 'too_many_entries';
  if (part.to > bounds.ratioFrom && part.to > part.from * bounds.ratio) return 'ratio';
  if (part.to > bounds.memberBytes) return 'member_too_large';
  if (before.bytes + part.to > bounds.totalBytes) return 'too_large';
  return undefined;
}

/** What came out, with this part. */
export const withPart = (before: Unfolded, part: Part): Unfolded => ({
  entries: before.entries + 1,
  bytes: before.bytes + part.to,
});

/** The most bytes that may come out of `from` bytes here: one more breaks a bound. */
export function roomFor(bounds: ScanBounds, before: Unfolded, from: number): number {
  return Math.min(
    bounds.memberBytes,
    bounds.totalBytes - before.bytes,
    Math.max(bounds.ratioFrom, from * bounds.ratio),
  );
}
