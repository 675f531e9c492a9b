import { allow, type Decision, refuse } from '../decision.js';
import type { DataTerm } from '../documents/agreement.js';
import { carriesFiles } from '../file/file-part.js';
import type { Digest, OrganisationId } from '../names.js';
import { mayDeliver, type ScanRefusal } from './may-deliver.js';
import { type Releaser, releaseMissing } from './release.js';
import type { ScanFinding, ScanVerdict } from './verdict.js';

/** Whether two words of a scanner over the same bytes find the same. */
export const sameFinding = (one: ScanFinding, other: ScanFinding): boolean =>
  one.outcome === other.outcome && one.reason === other.reason && one.signature === other.signature;

/** What stands about a file that waits in a drop box. */
export interface WaitingFile {
  readonly content: Digest;
  readonly owner: OrganisationId;
  readonly recipients: readonly OrganisationId[];
  /** What the scanner had said when the releases were signed. */
  readonly signedOver: ScanFinding;
  readonly signed: readonly Releaser[];
}

/**
 * Whose signature a file still waits for; nobody's where it may be let in. Clean or not, it takes whoever sends it and whoever receives it, two persons at least: no file
 * comes in by itself. The scanner is asked again at that moment, and what it says must be what was signed over, since its database may have learned of something.
 */
export function mayLetIn(
  term: Pick<DataTerm, 'scanning' | 'keys'>,
  { content, owner, recipients, signedOver, signed }: WaitingFile,
  verdict: ScanVerdict | undefined,
): Decision<readonly OrganisationId[], ScanRefusal | 'files_not_agreed'> {
  if (!carriesFiles(term)) return refuse('files_not_agreed');
  const may = mayDeliver(term, content, verdict);
  const isKnown = may.allowed || (may.refusal.code === 'scan_not_clean' && verdict && sameFinding(verdict, signedOver));
  if (!may.allowed && !isKnown) return may;
  return allow(releaseMissing(owner, recipients, signed));
}
