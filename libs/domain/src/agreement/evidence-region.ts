import { allow, type Decision, refuse } from '../decision.js';
import type { Agreement } from '../documents/agreement.js';
import type { LocalId } from '../names.js';
import { evidenceTerm, regionTerm } from './find-terms.js';

/** Where an installation of the broker keeps everything of the agreements it holds: its one database stands there. */
export interface EvidencePlace {
  readonly region: LocalId;
  /** ISO 3166-1 alpha-2. */
  readonly jurisdiction: string;
}

/**
 * Whether an installation may hold this version: its evidence lies in the region that both signed, and where they also signed which country that region is of, in that
 * country. An installation that does not say where it is holds nothing that names a region.
 */
export function keepsEvidenceOf(
  agreement: Agreement,
  here: EvidencePlace | undefined,
): Decision<true, 'evidence_elsewhere'> {
  const wanted = evidenceTerm(agreement)?.region;
  if (wanted === undefined) return allow(true);
  const jurisdiction = regionTerm(agreement, wanted)?.jurisdiction;
  const isHere = here?.region === wanted && (jurisdiction === undefined || jurisdiction === here.jurisdiction);
  return isHere ? allow(true) : refuse('evidence_elsewhere', { clause: 'evidence' });
}
