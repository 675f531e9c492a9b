import type { Instant } from '../instant.js';
import type { Digest } from '../names.js';

/**
 * `infected`: the engine knows something in it. `refused`: it breaks a bound of ours. `unscannable`: nobody could look at all of it. Only `clean` goes on.
 */
export type ScanOutcome = 'clean' | 'infected' | 'refused' | 'unscannable';

/** Why a verdict is what it is. `engine_absent` alone passes by itself: it says something about the scanner and nothing about the bytes. */
export type ScanReason =
  | 'signature'
  | 'too_many_entries'
  | 'too_deep'
  | 'member_too_large'
  | 'too_large'
  | 'ratio'
  | 'overlapping'
  | 'headers_differ'
  | 'encrypted'
  | 'unknown_archive'
  | 'unknown_encoding'
  | 'damaged'
  | 'engine_limit'
  | 'engine_failed'
  | 'engine_absent';

/** What was found, without what it was found in. */
export interface ScanFinding {
  readonly outcome: ScanOutcome;
  readonly reason: ScanReason | null;
  /** The engine's name of what it knows, where it said one. */
  readonly signature: string | null;
}

/** A verdict over exactly the bytes whose SHA-256 is `digest`, by this engine with this database at this time. */
export interface ScanVerdict extends ScanFinding {
  readonly digest: Digest;
  readonly engine: string | null;
  /** Digest of the signature database: the engine has no version of a database that is not official. */
  readonly database: Digest | null;
  readonly at: Instant;
}

export const CLEAN: ScanFinding = { outcome: 'clean', reason: null, signature: null };

const OUTCOME_OF: Readonly<Record<ScanReason, Exclude<ScanOutcome, 'clean'>>> = {
  signature: 'infected',
  too_many_entries: 'refused',
  too_deep: 'refused',
  member_too_large: 'refused',
  too_large: 'refused',
  ratio: 'refused',
  overlapping: 'refused',
  headers_differ: 'refused',
  encrypted: 'unscannable',
  unknown_archive: 'unscannable',
  unknown_encoding: 'unscannable',
  damaged: 'unscannable',
  engine_limit: 'unscannable',
  engine_failed: 'unscannable',
  engine_absent: 'unscannable',
};

/** What is not clean, for this reason. */
export const notClean = (reason: ScanReason, signature: string | null = null): ScanFinding => ({
  outcome: OUTCOME_OF[reason],
  reason,
  signature,
});

const WEIGHT: Readonly<Record<ScanOutcome, number>> = { clean: 0, unscannable: 1, refused: 2, infected: 3 };

/** The finding over the whole, from those over its parts: the worst, and of equals the first. Nothing looked at is not clean. */
export function worstOf(findings: readonly ScanFinding[]): ScanFinding {
  const [first = notClean('engine_failed'), ...rest] = findings;
  return rest.reduce((worst, one) => (WEIGHT[one.outcome] > WEIGHT[worst.outcome] ? one : worst), first);
}
