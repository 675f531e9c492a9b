import type { KeyObject } from 'node:crypto';
import { allow, type Decision, refuse } from '@interlock/domain';
import { decodeBase64, encodeBase64 } from './base64.js';
import { type CosignatureRefusal, type Cosigned, verifyCosigned } from './cosignature.js';
import { emptyRoot, equalHashes, type Hash, isHash, isTreeNumber } from './merkle.js';
import {
  claims,
  formatNote,
  isKeyName,
  type Note,
  type NoteKey,
  type NoteRefusal,
  parseNote,
  signNoteText,
  verifyNote,
} from './note.js';

/** Why a checkpoint is not accepted. */
export type CheckpointRefusal = NoteRefusal | CosignatureRefusal | 'checkpoint_malformed' | 'checkpoint_wrong_origin';

/** The state of one log (C2SP tlog-checkpoint): `origin` names the log, `root` is over its first `size` leaves. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Hash;
}

const SIZE = /^(0|[1-9][0-9]*)$/;

/** The text that is signed. Throws for values that are no checkpoint: a log must not sign such a thing. */
export function formatCheckpointText({ origin, size, root }: Checkpoint): string {
  if (!isKeyName(origin) || !isTreeNumber(size) || !isHash(root)) throw new Error('this is not a checkpoint');
  return `${origin}\n${size}\n${encodeBase64(root)}\n`;
}

/**
 * Reads the signed text. Exactly three lines: C2SP permits extension lines, ours never have any, and an opaque line
 * that nobody audits is a place to hide something.
 */
export function parseCheckpointText(text: string): Decision<Checkpoint, CheckpointRefusal> {
  const lines = text.split('\n');
  const [origin, sizeText, rootText, end] = lines;
  if (lines.length !== 4 || end !== '' || !origin || !isKeyName(origin)) return refuse('checkpoint_malformed');
  const root = decodeBase64(rootText ?? '');
  const size = Number(sizeText);
  if (!SIZE.test(sizeText ?? '') || !isTreeNumber(size) || !root || !isHash(root))
    return refuse('checkpoint_malformed');
  if (size === 0 && !equalHashes(root, emptyRoot())) return refuse('checkpoint_malformed');
  return allow({ origin, size, root });
}

/** A checkpoint note taken apart; nothing is verified yet. */
export interface CheckpointNote {
  readonly checkpoint: Checkpoint;
  readonly note: Note;
}

/** Takes a checkpoint note apart without verifying a signature. */
export function parseCheckpoint(text: string): Decision<CheckpointNote, CheckpointRefusal> {
  const note = parseNote(text);
  if (!note.allowed) return note;
  const checkpoint = parseCheckpointText(note.value.text);
  return checkpoint.allowed ? allow({ checkpoint: checkpoint.value, note: note.value }) : checkpoint;
}

/** The checkpoint as a note signed by the log. The key's name is the log's origin; throws when it is not. */
export function signCheckpoint(checkpoint: Checkpoint, key: NoteKey, privateKey: KeyObject): string {
  if (key.name !== checkpoint.origin) throw new Error(`the key of ${key.name} does not sign for ${checkpoint.origin}`);
  const text = formatCheckpointText(checkpoint);
  return formatNote({ text, signatures: [signNoteText(text, key, privateKey)] });
}

/** Whose signatures a reader counts. `required` witnesses must be there; the others may be. */
export interface CheckpointTrust {
  readonly log: NoteKey;
  readonly witnesses: readonly { readonly key: NoteKey; readonly required: boolean }[];
}

/** A checkpoint that holds, and who said so. */
export interface VerifiedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly cosigned: readonly Cosigned[];
}

/**
 * Verifies the log's signature, every required witness and every line that is there. Stricter than C2SP, which lets a
 * reader pass over lines of strangers: a changed key name would look like a stranger, so here any altered byte fails.
 */
export function verifyCheckpoint(
  text: string,
  trust: CheckpointTrust,
): Decision<VerifiedCheckpoint, CheckpointRefusal> {
  const parsed = parseCheckpoint(text);
  if (!parsed.allowed) return parsed;
  const { checkpoint, note } = parsed.value;
  if (checkpoint.origin !== trust.log.name) return refuse('checkpoint_wrong_origin');
  const known = [trust.log, ...trust.witnesses.map((witness) => witness.key)];
  if (!note.signatures.every((signature) => known.some((key) => claims(signature, key))))
    return refuse('note_key_unknown');
  const byLog = verifyNote(note, trust.log);
  if (!byLog.allowed) return byLog;
  const cosigned: Cosigned[] = [];
  for (const { key, required } of trust.witnesses) {
    const byWitness = verifyCosigned(note, key);
    if (byWitness.allowed) cosigned.push(byWitness.value);
    else if (required || byWitness.refusal.code !== 'note_signature_missing') return byWitness;
  }
  return allow({ checkpoint, cosigned });
}
