import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '@interlock/company-side';
import { type ChainDocuments, scanVerdict } from '@interlock/contracts';
import type { Batch, Digest, Instant, QuarantineRelease, ScanVerdict, Signed } from '@interlock/domain';

/** What would have been sealed together, and the names of the events in it. */
export interface HeldLot extends Pick<Batch, 'presenter' | 'receivedAt' | 'observations' | 'dropped'> {
  readonly events: readonly string[];
}

/** A release, and the certificates of its signer where the broker kept them back. */
export interface BroughtRelease {
  readonly release: Signed<QuarantineRelease>;
  readonly certificates: ChainDocuments['certificates'];
}

/** Bytes that no scanner found clean, with what it said of them. */
export interface Finding {
  readonly verdict: ScanVerdict;
  readonly foundAt: Instant;
  readonly lot: HeldLot;
  readonly releases: readonly BroughtRelease[];
}

/** What is held back of one flow, on this disk and readable by the gateway alone, until it is released or its retention is over. */
export interface HeldFindings {
  /** False where there is no room for it. The same bytes a second time are the same finding. */
  hold(verdict: ScanVerdict, lot: HeldLot, now: Instant): 'held' | 'known' | 'full';
  all(now: Instant): readonly Finding[];
  /** A release was signed for it; not yet by all who have to. */
  keepReleases(content: Digest, releases: readonly BroughtRelease[]): void;
  drop(content: Digest): void;
}

/** Findings of one flow that are kept; beyond this somebody floods it, and more of them say nothing new. */
export const MOST_FINDINGS = 256;

export const heldFindings = (folder: string, retentionSeconds: number): HeldFindings =>
  new DiskFindings(folder, retentionSeconds * 1000);

class DiskFindings implements HeldFindings {
  constructor(
    private readonly folder: string,
    private readonly retention: number,
  ) {}

  hold(verdict: ScanVerdict, lot: HeldLot, now: Instant): 'held' | 'known' | 'full' {
    const held = this.all(now);
    if (held.some((one) => one.verdict.digest === verdict.digest)) return 'known';
    if (held.length >= MOST_FINDINGS) return 'full';
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    this.write({ verdict, foundAt: now, lot, releases: [] });
    return 'held';
  }

  all(now: Instant): readonly Finding[] {
    return this.names().flatMap((name) => {
      const finding = read(join(this.folder, name));
      if (now < finding.foundAt + this.retention) return [finding];
      rmSync(join(this.folder, name), { force: true });
      return [];
    });
  }

  keepReleases(content: Digest, releases: readonly BroughtRelease[]): void {
    this.write({ ...read(this.fileOf(content)), releases });
  }

  drop(content: Digest): void {
    rmSync(this.fileOf(content), { force: true });
  }

  private names(): readonly string[] {
    try {
      return readdirSync(this.folder).filter((name) => name.endsWith('.json'));
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw cause;
    }
  }

  private write(finding: Finding): void {
    writeDurably(this.fileOf(finding.verdict.digest), JSON.stringify(finding));
  }

  private readonly fileOf = (content: Digest): string => join(this.folder, `${content.replace('sha256:', '')}.json`);
}

/** Written by this gateway alone; its releases are verified anew whenever one of them is to count. */
function read(file: string): Finding {
  const finding = JSON.parse(readFileSync(file, 'utf8')) as Finding;
  return { ...finding, verdict: scanVerdict.parse(finding.verdict) };
}
