import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { allow, type Decision, refuse } from '@interlock/domain';
import { decodeBase64, encodeBase64 } from './base64.js';

/** Why a note or one of its signatures is not accepted. */
export type NoteRefusal =
  | 'note_malformed'
  | 'note_too_large'
  | 'note_key_malformed'
  | 'note_key_unknown'
  | 'note_signature_missing'
  | 'note_signature_repeated'
  | 'note_signature_invalid';

/** C2SP signature types this project speaks: plain Ed25519, and the timestamped cosignature of a witness. */
export const NOTE_ED25519 = 0x01;
export const NOTE_COSIGNATURE_V1 = 0x04;
export type NoteKeyType = typeof NOTE_ED25519 | typeof NOTE_COSIGNATURE_V1;

/** A key that may sign notes: name, type and the 32 bytes of RFC 8032. Name and id together identify it. */
export interface NoteKey {
  readonly name: string;
  readonly type: NoteKeyType;
  readonly id: Buffer;
  readonly publicKey: Buffer;
}

/** One signature line: the key it claims, and the bytes after the key id. */
export interface NoteSignature {
  readonly name: string;
  readonly id: Buffer;
  readonly signature: Buffer;
}

/** A note taken apart. Nothing in it is verified; `text` includes its final newline. */
export interface Note {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const MAX_NOTE_BYTES = 64 * 1024;
const MAX_SIGNATURES = 16;
const KEY_ID_BYTES = 4;
const ED25519_PUBLIC_BYTES = 32;
const ED25519_SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const CONTROL_OTHER_THAN_NEWLINE = /[\u0000-\u0009\u000b-\u001f]/;
/** Text that UTF-8 cannot carry. */
const LONE_SURROGATE = /\p{Surrogate}/u;
const KEY_NAME = /^[^\s\u0085+]+$/u;
const SIGNATURE_LINE = /^\u2014 (\S+) ([A-Za-z0-9+/]+={0,2})$/u;

/** C2SP signed-note: the first four bytes of `SHA-256(name || 0x0A || type || public key)`. An identifier, not a proof. */
export function noteKeyId(name: string, type: NoteKeyType, publicKey: Uint8Array): Buffer {
  const hash = createHash('sha256').update(name, 'utf8').update(Uint8Array.of(0x0a, type)).update(publicKey);
  return hash.digest().subarray(0, KEY_ID_BYTES);
}

/** A note key from raw Ed25519 bytes. */
export function noteKey(name: string, type: NoteKeyType, publicKey: Uint8Array): Decision<NoteKey, NoteRefusal> {
  if (!isKeyName(name) || publicKey.length !== ED25519_PUBLIC_BYTES) return refuse('note_key_malformed');
  return allow({ name, type, id: noteKeyId(name, type, publicKey), publicKey: Buffer.from(publicKey) });
}

/** The raw 32 bytes of an Ed25519 key object (public, or the public half of a private one). Throws for another kind of key. */
export function rawEd25519(key: KeyObject): Buffer {
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('notes are signed with Ed25519 keys only');
  const pub = key.type === 'private' ? createPublicKey(key) : key;
  return pub.export({ type: 'spki', format: 'der' }).subarray(ED25519_SPKI_PREFIX.length);
}

/** The verifier key text of C2SP signed-note: `name+hex(id)+base64(type || public key)`. */
export const formatVkey = (key: NoteKey): string =>
  `${key.name}+${key.id.toString('hex')}+${encodeBase64(Buffer.concat([Buffer.of(key.type), key.publicKey]))}`;

/** Reads a verifier key text. The id must be the one its parts give, so a swapped name or key is refused. */
export function parseVkey(text: string): Decision<NoteKey, NoteRefusal> {
  const parts = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text);
  const material = parts ? decodeBase64(parts[3] as string) : undefined;
  const type = material?.[0];
  if (!parts || !material || (type !== NOTE_ED25519 && type !== NOTE_COSIGNATURE_V1))
    return refuse('note_key_malformed');
  const key = noteKey(parts[1] as string, type, material.subarray(1));
  if (key.allowed && key.value.id.toString('hex') !== parts[2]) return refuse('note_key_malformed');
  return key;
}

/** Whether a text can name a key or a log: non-empty, no space of any script, no plus. */
export const isKeyName = (name: string): boolean => KEY_NAME.test(name) && !LONE_SURROGATE.test(name);

const isNoteText = (text: string): boolean =>
  text.endsWith('\n') && !LONE_SURROGATE.test(text) && !CONTROL_OTHER_THAN_NEWLINE.test(text);

/** One signature line with its newline. */
export const formatSignatureLine = (signature: NoteSignature): string =>
  `\u2014 ${signature.name} ${encodeBase64(Buffer.concat([signature.id, signature.signature]))}\n`;

/** The whole note: text, blank line, signature lines. Throws when the text cannot be the text of a note. */
export function formatNote(note: Note): string {
  if (!isNoteText(note.text)) throw new Error('the text of a note ends in a newline and has no control characters');
  return `${note.text}\n${note.signatures.map(formatSignatureLine).join('')}`;
}

/** Reads one signature line (with its newline). Strict: one spelling only. */
export function parseSignatureLine(line: string): Decision<NoteSignature, NoteRefusal> {
  const parts = line.endsWith('\n') ? SIGNATURE_LINE.exec(line.slice(0, -1)) : null;
  const bytes = parts ? decodeBase64(parts[2] as string) : undefined;
  if (!parts || !bytes || bytes.length <= KEY_ID_BYTES || !isKeyName(parts[1] as string))
    return refuse('note_malformed');
  return allow({
    name: parts[1] as string,
    id: bytes.subarray(0, KEY_ID_BYTES),
    signature: bytes.subarray(KEY_ID_BYTES),
  });
}

/** Takes a note apart, refusing every byte that C2SP signed-note does not provide for. Verifies nothing. */
export function parseNote(text: string): Decision<Note, NoteRefusal> {
  if (Buffer.byteLength(text) > MAX_NOTE_BYTES) return refuse('note_too_large');
  if (!isNoteText(text)) return refuse('note_malformed');
  const blank = text.lastIndexOf('\n\n');
  if (blank < 0) return refuse('note_malformed');
  const lines = text.slice(blank + 2).split(/(?<=\n)/u);
  if (text.length === blank + 2 || lines.length > MAX_SIGNATURES) return refuse('note_malformed');
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = parseSignatureLine(line);
    if (!signature.allowed) return signature;
    signatures.push(signature.value);
  }
  return allow({ text: text.slice(0, blank + 1), signatures });
}

/** Verifies raw Ed25519 bytes under a note key. */
export const verifyUnder = (key: NoteKey, message: Uint8Array, signature: Uint8Array): boolean =>
  verify(
    null,
    message,
    { key: Buffer.concat([ED25519_SPKI_PREFIX, key.publicKey]), format: 'der', type: 'spki' },
    signature,
  );

/** Signs note text with the plain Ed25519 type. Throws when the private key is not the one the note key names. */
export function signNoteText(text: string, key: NoteKey, privateKey: KeyObject): NoteSignature {
  if (key.type !== NOTE_ED25519 || !rawEd25519(privateKey).equals(key.publicKey))
    throw new Error(`this private key does not sign notes as ${key.name}`);
  return { name: key.name, id: key.id, signature: sign(null, Buffer.from(text), privateKey) };
}

/** Same name and same id: the key a signature line claims to be of. */
export const claims = (signature: NoteSignature, key: NoteKey): boolean =>
  signature.name === key.name && signature.id.equals(key.id);

/** Whether `key` (plain type) signed this note: exactly one line claims it, and that line verifies. */
export function verifyNote(note: Note, key: NoteKey): Decision<true, NoteRefusal> {
  const own = note.signatures.filter((signature) => claims(signature, key));
  const [signature] = own;
  if (!signature) return refuse('note_signature_missing');
  if (own.length > 1) return refuse('note_signature_repeated');
  if (key.type !== NOTE_ED25519) return refuse('note_key_unknown');
  return verifyUnder(key, Buffer.from(note.text), signature.signature) ? allow(true) : refuse('note_signature_invalid');
}
