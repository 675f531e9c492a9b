import { createHash } from 'node:crypto';
import {
  type Digest,
  type Instant,
  notClean,
  type ScanBounds,
  type ScanFinding,
  type ScanVerdict,
  worstOf,
} from '@interlock/domain';
import { askClamd, type ClamdOptions, clamdVersion } from './engine/clamd.js';
import type { DatabaseDigest } from './engine/database-digest.js';
import { unfold } from './unpack/unfold.js';

export interface Scanning {
  readonly clamd: ClamdOptions;
  readonly database: DatabaseDigest;
  readonly bounds: ScanBounds;
  readonly now: () => Instant;
}

/** The verdict over these bytes as they are delivered; `encodings` are those they were sent with, in the order in which they were applied. */
export async function scanBytes(
  { clamd, database, bounds, now }: Scanning,
  bytes: Uint8Array,
  encodings: readonly string[] = [],
): Promise<ScanVerdict> {
  const digest = `sha256:${createHash('sha256').update(bytes).digest('base64url')}` as Digest;
  const [engine, before] = [await clamdVersion(clamd), database.now()];
  const verdict = (finding: ScanFinding): ScanVerdict => ({
    ...finding,
    digest,
    engine: engine ?? null,
    database: before ?? null,
    at: now(),
  });
  if (engine === undefined || before === undefined) return verdict(notClean('engine_absent'));
  const { parts, broken } = await unfold(bytes, encodings, bounds);
  const findings = broken ? [notClean(broken)] : [];
  for (const part of parts) {
    const finding = await askClamd(clamd, part);
    findings.push(finding);
    if (finding.outcome === 'infected' || finding.reason === 'engine_absent') break;
  }
  // What was loaded in between was not what every part was held against.
  if (database.now() !== before) findings.unshift(notClean('engine_absent'));
  return verdict(worstOf(findings));
}
