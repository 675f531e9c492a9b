import { allow, type Decision, refuse } from '@interlock/domain';
import { type Checkpoint, type CheckpointRefusal, parseCheckpoint } from './checkpoint.js';
import { equalHashes, type Hash, isTreeNumber } from './merkle.js';
import { verifyConsistency } from './merkle-proof.js';
import { type NoteKey, verifyNote } from './note.js';

/** Why a witness does not cosign. Each is a finding about the log, except the conflict, which asks for another proof. */
export type WitnessRefusal =
  | CheckpointRefusal
  | 'witness_unknown_origin'
  | 'witness_old_size_conflict'
  | 'witness_log_shrank'
  | 'witness_log_forked'
  | 'witness_proof_invalid';

/** The last checkpoint this witness cosigned of one log, from its own durable store. */
export interface SeenCheckpoint {
  readonly size: number;
  readonly root: Hash;
}

/** What a log asks of a witness: C2SP tlog-witness `add-checkpoint`, taken apart. */
export interface CosignRequest {
  /** The signed checkpoint note. */
  readonly note: string;
  /** The size the log believes the witness saw last. */
  readonly oldSize: number;
  /** Consistency proof from `oldSize` to the checkpoint; empty from 0. */
  readonly proof: readonly Hash[];
}

/** What may be cosigned, and what must be durable as "seen" before the cosignature leaves the witness. */
export interface MayCosign {
  readonly checkpoint: Checkpoint;
  readonly text: string;
}

/**
 * Whether a witness may cosign: the log is known, its signature holds, and the new tree contains everything the witness
 * ever saw of it. `seen` is undefined only when this witness never cosigned this log: then there is nothing to be
 * consistent with (C2SP: old 0, empty proof). A second history of the same size is a fork even when each is well signed.
 */
export function cosignIfConsistent(
  seen: SeenCheckpoint | undefined,
  request: CosignRequest,
  logKey: NoteKey | undefined,
): Decision<MayCosign, WitnessRefusal> {
  if (!logKey) return refuse('witness_unknown_origin');
  const parsed = parseCheckpoint(request.note);
  if (!parsed.allowed) return parsed;
  const { checkpoint, note } = parsed.value;
  if (checkpoint.origin !== logKey.name) return refuse('witness_unknown_origin');
  const signed = verifyNote(note, logKey);
  if (!signed.allowed) return signed;
  const consistent = consistentWithSeen(seen ?? { size: 0, root: checkpoint.root }, request, checkpoint);
  return consistent.allowed ? allow({ checkpoint, text: note.text }) : consistent;
}

function consistentWithSeen(
  seen: SeenCheckpoint,
  request: CosignRequest,
  checkpoint: Checkpoint,
): Decision<true, WitnessRefusal> {
  if (checkpoint.size < seen.size) return refuse('witness_log_shrank', { detail: `seen ${seen.size}` });
  if (checkpoint.size === seen.size && seen.size > 0 && !equalHashes(checkpoint.root, seen.root))
    return refuse('witness_log_forked', { detail: `two roots at size ${seen.size}` });
  if (!isTreeNumber(request.oldSize) || request.oldSize !== seen.size)
    return refuse('witness_old_size_conflict', { detail: String(seen.size) });
  if (seen.size === 0) return request.proof.length === 0 ? allow(true) : refuse('witness_proof_invalid');
  const proved = verifyConsistency(seen.size, checkpoint.size, seen.root, checkpoint.root, request.proof);
  return proved.allowed ? allow(true) : refuse('witness_proof_invalid', { detail: proved.refusal.code });
}
