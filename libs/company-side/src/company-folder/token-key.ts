import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { publicJwk } from '@interlock/contracts';
import type { OrganisationId } from '@interlock/domain';
import { type Signer, thumbprintOf } from '@interlock/proof';
import { z } from 'zod';
import { readJsonIfThere, writeDurably } from '../durable-file.js';
import { type Cryptoki, loadPkcs11, type Pkcs11 } from './pkcs11.js';

/** A token behind PKCS#11: a smart card, an HSM, SoftHSM. */
export const tokenPlace = z.strictObject({
  /** The shared library of the token's maker. */
  module: z.string().min(1).max(500),
  /** The token's label. */
  token: z.string().min(1).max(32),
  /** A file that only its owner can read, with the user's PIN in its first line. */
  pinFile: z.string().min(1).max(500),
});
export type TokenPlace = z.infer<typeof tokenPlace>;
const tokenKey = tokenPlace.extend({ label: z.string().min(1).max(100), key: publicJwk });
type TokenKey = z.infer<typeof tokenKey>;

const fileOf = (dir: string, name: string): string => join(dir, `${name}.pkcs11.json`);

/** Whether this key is in a token. A key that is in a file as well would be no key of a token. */
export function isInToken(dir: string, name: string): boolean {
  const file = fileOf(dir, name);
  if (!existsSync(file)) return false;
  if (existsSync(join(dir, `${name}.pem`))) throw new Error(`${file} and ${name}.pem are both there; remove one`);
  return true;
}

/** A new P-256 key in a token, which it never leaves; the folder keeps where it is. Throws where a key of that name is there. */
export function makeTokenKey(dir: string, name: string, place: TokenPlace, organisation: OrganisationId): Signer {
  if (isInToken(dir, name) || existsSync(join(dir, `${name}.pem`)))
    throw new Error(`${join(dir, name)} exists; a key is never overwritten`);
  const label = `${organisation} ${name}`;
  const { api, session, lib } = openToken(place);
  if (find(api, lib, session, lib.CKO_PUBLIC_KEY, label).length > 0)
    throw new Error(`the token ${place.token} holds a key named "${label}"; a key is never overwritten`);
  const named = [
    { type: lib.CKA_TOKEN, value: true },
    { type: lib.CKA_LABEL, value: label },
  ];
  const { publicKey } = api.C_GenerateKeyPair(
    session,
    { mechanism: lib.CKM_EC_KEY_PAIR_GEN },
    [...named, { type: lib.CKA_VERIFY, value: true }, { type: lib.CKA_EC_PARAMS, value: P256 }],
    [
      ...[...named, { type: lib.CKA_PRIVATE, value: true }, { type: lib.CKA_SIGN, value: true }],
      ...[
        { type: lib.CKA_SENSITIVE, value: true },
        { type: lib.CKA_EXTRACTABLE, value: false },
      ],
    ],
  );
  const key = pointOf(api.C_GetAttributeValue(session, publicKey, [{ type: lib.CKA_EC_POINT }])[0]?.value);
  writeDurably(fileOf(dir, name), JSON.stringify({ ...place, label, key }));
  return readTokenSigner(dir, name, organisation);
}

/** Signs with a key in a token. The PIN is read, and the token opened, when something is to be signed. */
export function readTokenSigner(dir: string, name: string, organisation: OrganisationId): Signer {
  const kept: TokenKey = tokenKey.parse(readJsonIfThere(fileOf(dir, name)));
  return {
    organisation,
    key: kept.key,
    kid: thumbprintOf(kept.key),
    alg: 'ES256',
    sign: async (input) => {
      const { api, session, lib } = openToken(kept);
      const [handle, another] = find(api, lib, session, lib.CKO_PRIVATE_KEY, kept.label);
      if (!handle || another) throw new Error(`the token ${kept.token} holds no key, or two, named "${kept.label}"`);
      api.C_SignInit(session, { mechanism: lib.CKM_ECDSA }, handle);
      // CKM_ECDSA takes the digest and gives r and s, as JWS has them (RFC 7518, section 3.4).
      return api.C_Sign(session, createHash('sha256').update(input).digest(), Buffer.alloc(64));
    },
  };
}

/** OID of P-256 in DER, and what stands before the point of one: an octet string of 65 bytes, not compressed. */
const P256 = Buffer.from('06082a8648ce3d030107', 'hex');
const BEFORE_POINT = Buffer.from('044104', 'hex');

function pointOf(value: unknown) {
  if (!Buffer.isBuffer(value) || value.length !== 67 || !value.subarray(0, 3).equals(BEFORE_POINT))
    throw new Error('the token did not say the point of its new key as PKCS#11 asks (CKA_EC_POINT)');
  const [x, y] = [value.subarray(3, 35), value.subarray(35)].map((half) => half.toString('base64url'));
  return publicJwk.parse({ kty: 'EC', crv: 'P-256', x, y });
}

interface OpenToken {
  readonly lib: Pkcs11;
  readonly api: Cryptoki;
  readonly session: Buffer;
}

const opened = new Map<string, OpenToken>();
const modules = new Map<string, Cryptoki>();

/** One login for each token and process: a module may be loaded once only. */
function openToken(place: TokenPlace): OpenToken {
  const name = `${place.module} ${place.token}`;
  const known = opened.get(name);
  if (known) return known;
  const lib = loadPkcs11();
  const api = modules.get(place.module) ?? new lib.PKCS11();
  if (!modules.has(place.module)) {
    api.load(place.module);
    api.C_Initialize();
    modules.set(place.module, api);
  }
  const slot = api.C_GetSlotList(true).find((one) => api.C_GetTokenInfo(one).label.trim() === place.token);
  if (!slot) throw new Error(`${place.module} shows no token named "${place.token}"`);
  const session = api.C_OpenSession(slot, lib.CKF_SERIAL_SESSION | lib.CKF_RW_SESSION);
  api.C_Login(session, lib.CKU_USER, pinIn(place.pinFile));
  const token = { lib, api, session };
  opened.set(name, token);
  return token;
}

function pinIn(file: string): string {
  if ((statSync(file).mode & 0o077) !== 0)
    throw new Error(`${file} can be read by others on this machine; run "chmod 600 ${file}"`);
  return readFileSync(file, 'utf8').split('\n', 1)[0]?.trim() ?? '';
}

function find(api: Cryptoki, lib: Pkcs11, session: Buffer, kind: number, label: string) {
  api.C_FindObjectsInit(session, [
    { type: lib.CKA_CLASS, value: kind },
    { type: lib.CKA_LABEL, value: label },
  ]);
  try {
    return api.C_FindObjects(session, 2);
  } finally {
    api.C_FindObjectsFinal(session);
  }
}
