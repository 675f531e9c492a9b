import {
  createCipheriv,
  createDecipheriv,
  createHash,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { publicJwk } from '@interlock/contracts';
import { allow, type Decision, refuse, type Thumbprint } from '@interlock/domain';
import type { KnownKey } from './key-ring.js';
import { keyObjectOf, publicJwkOf } from './keys.js';
import { strictBase64url } from './strict-base64url.js';

export type JweRefusal = 'not_sealed' | 'not_a_recipient';

const ALG = 'ECDH-ES+A256KW';
const ENC = 'A256GCM';
const TYP = 'interlock-sealed-batch+jwe';
const PROTECTED = Buffer.from(JSON.stringify({ enc: ENC, typ: TYP })).toString('base64url');
/** RFC 3394 section 2.2.3.1: the initial value that shows a wrapped key to be unaltered. */
const WRAP_IV = Buffer.alloc(8, 0xa6);
const TAG_BYTES = 16;

/**
 * Encrypts bytes to the X25519 keys of these recipients: JWE, RFC 7516 general JSON serialisation, as text. A content key and an ephemeral key for each recipient are
 * made for this one message. In one pass and without a hop to the thread pool, which costs more than what it does.
 */
export function encryptTo(recipients: readonly KnownKey[], plain: Uint8Array): string {
  const key = randomBytes(32);
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(PROTECTED, 'ascii'));
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64url');
  const wrapped = JSON.stringify(recipients.map((recipient) => wrappedFor(recipient, key)));
  const tag = cipher.getAuthTag().toString('base64url');
  // The long member is base64url, which JSON has nothing to escape in.
  return `{"ciphertext":"${ciphertext}","iv":"${iv.toString('base64url')}","recipients":${wrapped},"tag":"${tag}","protected":"${PROTECTED}"}`;
}

function wrappedFor(recipient: KnownKey, key: Uint8Array): object {
  const ephemeral = generateKeyPairSync('x25519');
  const secret = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: keyObjectOf(recipient.key) });
  const cipher = createCipheriv('id-aes256-wrap', wrappingKey(secret), WRAP_IV);
  const encrypted = Buffer.concat([cipher.update(key), cipher.final()]).toString('base64url');
  return {
    encrypted_key: encrypted,
    header: { alg: ALG, kid: recipient.kid, epk: publicJwkOf(ephemeral.publicKey) },
  };
}

/** RFC 7518 section 4.6.2 (Concat KDF) for a 256 bit wrapping key and no party info: one round is enough. */
function wrappingKey(secret: Uint8Array): Buffer {
  const number = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const info = [number(ALG.length), Buffer.from(ALG, 'ascii'), number(0), number(0), number(256)];
  return createHash('sha256')
    .update(Buffer.concat([number(1), secret, ...info]))
    .digest();
}

/** Decrypts what was encrypted to this key. Whatever is not exactly of the one form in use here is `not_sealed`. */
export function decryptWith(
  sealed: unknown,
  opener: { readonly kid: Thumbprint; readonly key: KeyObject },
): Decision<Buffer, JweRefusal> {
  const jwe = asObject(sealed);
  if (!Array.isArray(jwe?.recipients)) return refuse('not_sealed');
  const mine = jwe.recipients.map(asObject).find((one) => asObject(one?.header)?.kid === opener.kid);
  if (!mine) return refuse('not_a_recipient');
  try {
    return allow(decrypted(jwe, mine, opener.key));
  } catch {
    return refuse('not_sealed');
  }
}

/** Throws where anything is malformed, of another algorithm, or altered. */
function decrypted(jwe: Record<string, unknown>, mine: Record<string, unknown>, own: KeyObject): Buffer {
  const outer = asObject(JSON.parse(bytesOf(jwe.protected).toString('utf8')));
  const header = asObject(mine.header);
  // Parameters that nobody here gives meaning to (zip, crit, apu) would change what the bytes are.
  onlyHas(jwe, ['ciphertext', 'iv', 'recipients', 'tag', 'protected']);
  onlyHas(outer, ['enc', 'typ', 'epk']);
  onlyHas(header, ['alg', 'kid', 'epk']);
  if (header?.alg !== ALG) throw new TypeError('another algorithm');
  if (outer?.enc !== ENC || outer.typ !== TYP) throw new TypeError('another kind of envelope');
  // Where there is one recipient, some writers protect its ephemeral key too.
  const epk = publicJwk.parse(outer.epk ?? header.epk);
  if (epk.crv !== 'X25519') throw new TypeError('another curve');
  const secret = diffieHellman({ privateKey: own, publicKey: keyObjectOf(epk) });
  const unwrap = createDecipheriv('id-aes256-wrap', wrappingKey(secret), WRAP_IV);
  const key = Buffer.concat([unwrap.update(bytesOf(mine.encrypted_key)), unwrap.final()]);
  const decipher = createDecipheriv('aes-256-gcm', key, bytesOf(jwe.iv), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(String(jwe.protected), 'ascii'))
    .setAuthTag(bytesOf(jwe.tag));
  return Buffer.concat([decipher.update(bytesOf(jwe.ciphertext)), decipher.final()]);
}

function bytesOf(text: unknown): Buffer {
  if (typeof text !== 'string') throw new TypeError('not text');
  if (!strictBase64url(text)) throw new TypeError('not base64url');
  return Buffer.from(text, 'base64url');
}

function onlyHas(value: Record<string, unknown> | undefined, names: readonly string[]): void {
  if (!value || Object.keys(value).some((name) => !names.includes(name))) throw new TypeError('another form');
}

const asObject = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
