import type { ProvenRow } from '../proven-row.js';

/** What became of a batch: taken for good, or not, and why; `smaller` where fewer rows at once might be taken. */
export type Taken =
  | { readonly taken: true }
  | { readonly taken: false; readonly why: string; readonly waitMs?: number; readonly smaller?: boolean };

/** A program that keeps what it is handed. A batch that was not taken is handed over again, so a row may come twice and never not at all. */
export interface Receiver {
  take(rows: readonly ProvenRow[]): Promise<Taken>;
}

/** How a receiver is reached over TLS: whom we believe, and who we are. PEM. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** A receiver that says nothing for so long did not take it. Milliseconds. */
export const SILENT_FOR = 30_000;

export const TAKEN: Taken = { taken: true };
export const notTaken = (why: string, more: { waitMs?: number; smaller?: boolean } = {}): Taken => ({
  taken: false,
  why,
  ...more,
});
