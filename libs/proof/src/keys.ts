import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { publicJwk } from '@interlock/contracts';
import type { OrganisationId, PublicJwk, Thumbprint } from '@interlock/domain';

/** Signs bytes with one key of one organisation. Files, PKCS#11, KMS and passkeys stand behind it; the key never leaves them. */
export interface Signer {
  readonly organisation: OrganisationId;
  readonly key: PublicJwk;
  readonly kid: Thumbprint;
  readonly alg: SignatureAlgorithm;
  sign(input: Uint8Array): Promise<Uint8Array>;
}

export type SignatureAlgorithm = 'EdDSA' | 'ES256';

/** RFC 7638 thumbprint (SHA-256) of a public key. */
export function thumbprintOf(key: PublicJwk): Thumbprint {
  const members =
    key.kty === 'EC'
      ? `{"crv":"${key.crv}","kty":"EC","x":"${key.x}","y":"${key.y}"}`
      : `{"crv":"${key.crv}","kty":"OKP","x":"${key.x}"}`;
  return createHash('sha256').update(members).digest('base64url') as Thumbprint;
}

/** The public half of a key, as it travels. Throws for key types that are not in use here. */
export function publicJwkOf(key: KeyObject): PublicJwk {
  const half = key.type === 'private' ? createPublicKey(key) : key;
  return publicJwk.parse(half.export({ format: 'jwk' }));
}

/** Importing a P-256 point costs more than checking a signature under it, and a chain has the same few keys again and again. */
const IMPORTED = new Map<string, KeyObject>();
const MOST_IMPORTED = 1_024;

/** A key that can check signatures or receive sealed data. Throws where the point is not on the curve. */
export function keyObjectOf(key: PublicJwk): KeyObject {
  // Each member apart: texts that are joined could be those of two keys. What stands in the map is a key that was parsed, never a yes.
  const name = JSON.stringify([key.kty, key.crv, key.x, key.kty === 'EC' ? key.y : null]);
  const known = IMPORTED.get(name);
  if (known) return known;
  const imported = createPublicKey({ key: { ...key }, format: 'jwk' });
  // Whoever sends keys nobody knows makes it slower, and never larger.
  if (IMPORTED.size >= MOST_IMPORTED) IMPORTED.clear();
  IMPORTED.set(name, imported);
  return imported;
}

/** The one signature algorithm a key is used with; undefined for keys that cannot sign. */
export const algorithmOf = (key: PublicJwk): SignatureAlgorithm | undefined =>
  key.crv === 'Ed25519' ? 'EdDSA' : key.crv === 'P-256' ? 'ES256' : undefined;

/**
 * Whether a signature (RFC 7518 section 3.4, RFC 8037) of these bytes is by this key. Synchronous on purpose: a chain has some sixteen
 * signatures, and handing each to the thread pool costs three times what it takes to check it.
 */
export const verifiesUnder = (key: PublicJwk, signed: Uint8Array, signature: Uint8Array): boolean =>
  checks(key, signed, signature, 'ieee-p1363');

function checks(key: PublicJwk, signed: Uint8Array, signature: Uint8Array, dsaEncoding: 'der' | 'ieee-p1363'): boolean {
  const alg = algorithmOf(key);
  try {
    if (alg === 'EdDSA') return verify(null, signed, keyObjectOf(key), signature);
    return alg === 'ES256' && verify('sha256', signed, { key: keyObjectOf(key), dsaEncoding }, signature);
  } catch {
    // A point that is not on the curve: no signature is by such a key.
    return false;
  }
}

/** The same of what an authenticator signed: its ES256 signatures are in DER (WebAuthn Level 3, section 6.5.6). */
export const asserts = (key: PublicJwk, signed: Uint8Array, signature: Uint8Array): boolean =>
  checks(key, signed, signature, 'der');

/** A signer on a private key held in this process: the trial's and the tests' custody. */
export function keySigner(organisation: OrganisationId, privateKey: KeyObject): Signer {
  const key = publicJwkOf(privateKey);
  const alg = algorithmOf(key);
  if (!alg) throw new TypeError('this key cannot sign');
  return {
    organisation,
    key,
    kid: thumbprintOf(key),
    alg,
    sign: async (input) =>
      alg === 'EdDSA'
        ? sign(null, input, privateKey)
        : sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
  };
}

/** A new private key; Ed25519 unless the holder needs P-256 (browsers, SVIDs) or X25519 (opening sealed data). */
export function newPrivateKey(curve: 'Ed25519' | 'P-256' | 'X25519' = 'Ed25519'): KeyObject {
  if (curve === 'P-256') return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  return curve === 'Ed25519' ? generateKeyPairSync('ed25519').privateKey : generateKeyPairSync('x25519').privateKey;
}

export const privateKeyToPem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
export const privateKeyFromPem = (pem: string): KeyObject => createPrivateKey(pem);
