import { allow, type Decision, refuse } from '@interlock/domain';
import { decodeBase64, encodeBase64 } from './base64.js';
import {
  type CheckpointRefusal,
  type CheckpointTrust,
  type VerifiedCheckpoint,
  verifyCheckpoint,
} from './checkpoint.js';
import { type Hash, hashLeaf, isHash, isTreeNumber } from './merkle.js';
import { type MerkleRefusal, verifyInclusion } from './merkle-proof.js';

/** Why a receipt is not accepted. */
export type TlogProofRefusal = CheckpointRefusal | MerkleRefusal | 'tlog_proof_malformed';

/** A receipt that verifies without the log: index, path and cosigned checkpoint (C2SP tlog-proof). */
export interface TlogProof {
  readonly index: number;
  readonly path: readonly Hash[];
  /** The checkpoint note, verbatim. */
  readonly checkpoint: string;
}

const HEADER = 'c2sp.org/tlog-proof@v1';
const INDEX = /^index (0|[1-9][0-9]*)$/;
/** A tree JavaScript can count has at most 53 levels. */
const MAX_PATH = 53;

/** The receipt as text, for a file `*.tlog-proof`. */
export const formatTlogProof = (proof: TlogProof): string =>
  [HEADER, `index ${proof.index}`, ...proof.path.map(encodeBase64), '', proof.checkpoint].join('\n');

/** Reads a receipt. The optional `extra` line is refused: nothing signs it and nothing here needs it. */
export function parseTlogProof(text: string): Decision<TlogProof, TlogProofRefusal> {
  const blank = text.indexOf('\n\n');
  const [header, indexLine, ...pathLines] = text.slice(0, Math.max(blank, 0)).split('\n');
  const index = Number(INDEX.exec(indexLine ?? '')?.[1] ?? Number.NaN);
  if (header !== HEADER || !isTreeNumber(index) || pathLines.length > MAX_PATH) return refuse('tlog_proof_malformed');
  const path: Hash[] = [];
  for (const line of pathLines) {
    const hash = decodeBase64(line);
    if (!hash || !isHash(hash)) return refuse('tlog_proof_malformed');
    path.push(hash);
  }
  return allow({ index, path, checkpoint: text.slice(blank + 2) });
}

/** Allowed when `entry` is in the log under a checkpoint that `trust` accepts. */
export function verifyTlogProof(
  text: string,
  entry: Uint8Array,
  trust: CheckpointTrust,
): Decision<VerifiedCheckpoint, TlogProofRefusal> {
  const proof = parseTlogProof(text);
  if (!proof.allowed) return proof;
  const verified = verifyCheckpoint(proof.value.checkpoint, trust);
  if (!verified.allowed) return verified;
  const { size, root } = verified.value.checkpoint;
  const included = verifyInclusion(proof.value.index, size, hashLeaf(entry), proof.value.path, root);
  return included.allowed ? verified : included;
}
