import type { EvidenceRecord } from './record.js';

/** What a gateway held back because no scanner found it clean, and who let it go on since. */
export interface HeldBack {
  readonly found: EvidenceRecord;
  /** Undefined where nobody has, as far as the records say. */
  readonly released: EvidenceRecord | undefined;
}

/**
 * The newest first. Only the gateway that held something back says that it went on: whoever else records a release of the same bytes, a recipient of
 * files among them, lets nothing go on there. What was found again after its release is held again.
 */
export function heldBack(records: readonly EvidenceRecord[]): readonly HeldBack[] {
  const releases = records.filter(({ kind }) => kind === 'scan.released');
  const newest = new Map<string, EvidenceRecord>();
  for (const found of records.filter(({ kind }) => kind === 'scan.quarantined')) {
    const name = JSON.stringify([found.source, found.session, found.documents]);
    if (found.at >= (newest.get(name)?.at ?? Number.NEGATIVE_INFINITY)) newest.set(name, found);
  }
  return [...newest.values()]
    .sort((a, b) => b.at - a.at)
    .map((found) => ({ found, released: releases.find((one) => releasesIt(one, found)) }));
}

const releasesIt = (release: EvidenceRecord, found: EvidenceRecord): boolean =>
  release.source === found.source &&
  release.session === found.session &&
  release.at >= found.at &&
  found.documents.every((one) => release.documents.includes(one));
