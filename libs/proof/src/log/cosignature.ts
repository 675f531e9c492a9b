import { type KeyObject, sign } from 'node:crypto';
import { allow, type Decision, refuse } from '@interlock/domain';
import {
  claims,
  NOTE_COSIGNATURE_V1,
  type Note,
  type NoteKey,
  type NoteRefusal,
  type NoteSignature,
  rawEd25519,
  verifyUnder,
} from './note.js';

/** Why a cosignature is not accepted. */
export type CosignatureRefusal = NoteRefusal | 'cosignature_malformed';

/** Who cosigned, and when by that witness's own clock. */
export interface Cosigned {
  readonly witness: string;
  /** Seconds since the epoch, as C2SP tlog-cosignature carries it. */
  readonly atSeconds: number;
}

const TIME_BYTES = 8;
const ED25519_SIGNATURE_BYTES = 64;

/** C2SP tlog-cosignature v1: the header and the time keep it from being taken for a plain signature or another time. */
const signedMessage = (text: string, seconds: bigint): Buffer =>
  Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`);

/**
 * The cosignature of a witness over checkpoint text: "at this time, the largest consistent tree I saw has this root".
 * The caller has decided with `cosignIfConsistent` and stored what it saw before it calls this.
 */
export function cosign(text: string, key: NoteKey, privateKey: KeyObject, atSeconds: number): NoteSignature {
  if (key.type !== NOTE_COSIGNATURE_V1 || !rawEd25519(privateKey).equals(key.publicKey))
    throw new Error(`this private key does not cosign as ${key.name}`);
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(BigInt(atSeconds));
  const signature = sign(null, signedMessage(text, BigInt(atSeconds)), privateKey);
  return { name: key.name, id: key.id, signature: Buffer.concat([time, signature]) };
}

/** Verifies one cosignature line over checkpoint text under one witness key. */
export function verifyCosignature(
  text: string,
  signature: NoteSignature,
  key: NoteKey,
): Decision<Cosigned, CosignatureRefusal> {
  if (key.type !== NOTE_COSIGNATURE_V1 || !claims(signature, key)) return refuse('note_key_unknown');
  if (signature.signature.length !== TIME_BYTES + ED25519_SIGNATURE_BYTES) return refuse('cosignature_malformed');
  const seconds = signature.signature.readBigUInt64BE(0);
  if (seconds > BigInt(Number.MAX_SAFE_INTEGER)) return refuse('cosignature_malformed');
  const holds = verifyUnder(key, signedMessage(text, seconds), signature.signature.subarray(TIME_BYTES));
  return holds ? allow({ witness: key.name, atSeconds: Number(seconds) }) : refuse('note_signature_invalid');
}

/** Whether this witness cosigned the note: exactly one line claims its key, and that line verifies. */
export function verifyCosigned(note: Note, key: NoteKey): Decision<Cosigned, CosignatureRefusal> {
  const own = note.signatures.filter((signature) => claims(signature, key));
  const [signature] = own;
  if (!signature) return refuse('note_signature_missing');
  if (own.length > 1) return refuse('note_signature_repeated');
  return verifyCosignature(note.text, signature, key);
}
