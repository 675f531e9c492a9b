import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, randomBytes, sign, verify } from 'node:crypto';

/** What a key is for. The prefix byte makes it the first letter of the text form. */
export type NkeyKind = 'operator' | 'account' | 'user';

const PREFIX: Readonly<Record<NkeyKind, number>> = { operator: 14 << 3, account: 0, user: 20 << 3 };
const SEED_PREFIX = 18 << 3;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');

/** RFC 4648 base32, upper case, without padding. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(held >>> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? text + ALPHABET[(held << (5 - bits)) & 31] : text;
}

/** Reads what `base32` writes, and nothing else: `undefined` for other letters or stray bits. */
function fromBase32(text: string): Buffer | undefined {
  const out: number[] = [];
  let bits = 0;
  let held = 0;
  for (const letter of text) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) return undefined;
    held = (held << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out.push((held >>> bits) & 0xff);
    }
    held &= (1 << bits) - 1;
  }
  return held === 0 && bits < 5 ? Buffer.from(out) : undefined;
}

/** CRC-16/XMODEM, as nkeys append it (least significant byte first). */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc;
}

function withChecksum(bytes: Buffer): string {
  const crc = Buffer.alloc(2);
  crc.writeUInt16LE(crc16(bytes));
  return base32(Buffer.concat([bytes, crc]));
}

function withoutChecksum(text: string): Buffer | undefined {
  const bytes = fromBase32(text);
  if (bytes === undefined || bytes.length < 3) return undefined;
  const body = bytes.subarray(0, -2);
  return crc16(body) === bytes.readUInt16LE(bytes.length - 2) ? body : undefined;
}

/** The text form of a raw 32-byte Ed25519 public key: `O...`, `A...` or `U...`. */
export const encodePublicKey = (kind: NkeyKind, raw: Uint8Array): string =>
  withChecksum(Buffer.concat([Buffer.from([PREFIX[kind]]), raw]));

/** The raw 32 bytes of a public key of this kind; `undefined` for any other kind, a bad checksum or garbage. */
export function decodePublicKey(kind: NkeyKind, text: string): Buffer | undefined {
  if (text.length !== 56) return undefined;
  const body = withoutChecksum(text);
  return body?.length === 33 && body[0] === PREFIX[kind] ? body.subarray(1) : undefined;
}

/** A key pair that signs in this process. Only the public key can be read from it. */
export interface Nkey {
  readonly kind: NkeyKind;
  readonly publicKey: string;
  sign(data: Uint8Array): Buffer;
}

/**
 * A key pair from its raw 32-byte seed.
 * @throws if the seed has another length
 */
export function nkeyFromSeed(kind: NkeyKind, seed: Uint8Array): Nkey {
  if (seed.length !== 32) throw new Error(`an Ed25519 seed has 32 bytes, this one ${seed.length}`);
  const key: KeyObject = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' });
  const raw = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(SPKI_ED25519.length);
  return { kind, publicKey: encodePublicKey(kind, raw), sign: (data) => sign(null, data, key) };
}

/** A new key pair whose seed nobody ever sees. */
export const newNkey = (kind: NkeyKind): Nkey => nkeyFromSeed(kind, randomBytes(32));

/**
 * The same key for the same secret, kind and label; no key of one label says anything about that of another
 * (HKDF-SHA256, RFC 5869). So thousands of accounts need no store of keys, and a restored broker has them again.
 * @throws if the secret is shorter than 32 bytes
 */
export function deriveNkey(secret: Uint8Array, kind: NkeyKind, label: string): Nkey {
  if (secret.length < 32)
    throw new Error('the secret of a region has at least 32 bytes; make one with randomBytes(32)');
  return nkeyFromSeed(kind, Buffer.from(hkdfSync('sha256', secret, '', `interlock-bus/${kind}/${label}`, 32)));
}

/** The seed in the text form (`SU...`) that NATS clients read; made and kept by whoever holds the key. */
export function encodeSeed(kind: NkeyKind, seed: Uint8Array): string {
  const prefix = PREFIX[kind];
  return withChecksum(Buffer.concat([Buffer.from([SEED_PREFIX | (prefix >> 5), (prefix & 31) << 3]), seed]));
}

/** Whether `signature` over `data` is by the holder of this public key. False for anything malformed. */
export function verifyNkey(kind: NkeyKind, publicKey: string, data: Uint8Array, signature: Uint8Array): boolean {
  const raw = decodePublicKey(kind, publicKey);
  if (raw === undefined || signature.length !== 64) return false;
  const key = createPublicKey({ key: Buffer.concat([SPKI_ED25519, raw]), format: 'der', type: 'spki' });
  return verify(null, data, key, signature);
}

/**
 * Answers the server's nonce at each connect. `jwt` is asked each time, so that a reconnect brings a fresh one.
 * About 0.1 ms, where the client library's own signer takes milliseconds of the event loop.
 */
export const busAuthenticator = (jwt: () => string, key: Nkey) => (nonce?: string) => ({
  jwt: jwt(),
  nkey: key.publicKey,
  sig: nonce === undefined ? '' : key.sign(Buffer.from(nonce)).toString('base64url'),
});
