import { publicJwk } from '@interlock/contracts';
import {
  allow,
  type Decision,
  type HolderKind,
  type Instant,
  type LocalId,
  type OrganisationId,
  type PublicJwk,
  parseOrganisationId,
  refuse,
  type Thumbprint,
} from '@interlock/domain';
import { compactVerify, decodeProtectedHeader } from 'jose';
import { z } from 'zod';
import { canonicalBytes, digestOfBytes, parseCanonical } from './canonical-json.js';
import { SIGNATURE_SKEW } from './envelope.js';
import type { KeyRing } from './key-ring.js';
import { algorithmOf, keyObjectOf, type Signer, thumbprintOf } from './keys.js';
import { strictBase64url } from './strict-base64url.js';

export const CALLER_PROOF_TYP = 'interlock-caller+jwt';
/** The HTTP authentication scheme a caller proof is sent under: `Authorization: Interlock <proof>`. */
export const CALLER_SCHEME = 'Interlock';
const LIFE_SECONDS = 60;

const claims = z.strictObject({
  iss: z.string().max(253),
  aud: z.string().max(300),
  htm: z.string().max(10),
  htu: z.string().max(2_000),
  body: z.string().max(80),
  iat: z.number().int().min(0),
  exp: z.number().int().min(0),
  jti: z.string().min(16).max(64),
});

export interface Request {
  readonly method: string;
  /** Path and query exactly as sent. */
  readonly target: string;
  /** Origin of the server the request is for: a proof for one broker is worth nothing at another. */
  readonly audience: string;
  readonly body: Uint8Array;
}

/** Proves possession of a key for one request: method, target and body are inside (as in RFC 9449, without an access token). */
export async function signCallerProof(request: Request, signer: Signer, now: Instant, jti: string): Promise<string> {
  const iat = Math.floor(now / 1000);
  const head = canonicalBytes({ alg: signer.alg, typ: CALLER_PROOF_TYP, jwk: signer.key }).toString('base64url');
  const body = canonicalBytes({
    iss: signer.organisation,
    aud: request.audience,
    htm: request.method,
    htu: request.target,
    body: digestOfBytes(request.body),
    iat,
    exp: iat + LIFE_SECONDS,
    jti,
  }).toString('base64url');
  const signature = await signer.sign(Buffer.from(`${head}.${body}`, 'ascii'));
  return `${head}.${body}.${Buffer.from(signature).toString('base64url')}`;
}

/** Somebody who holds a key, and said so for exactly this request. Who that is, a key ring must say. */
export interface KeyHolder {
  readonly organisation: OrganisationId;
  readonly key: PublicJwk;
  readonly kid: Thumbprint;
  readonly jti: string;
  readonly expiresAt: Instant;
}

/** Verifies possession only. The caller of this function refuses a `jti` it has seen before `expiresAt`. */
export async function verifyCallerProof(
  proof: string,
  request: Request,
  now: Instant,
): Promise<Decision<KeyHolder, 'caller_unknown'>> {
  const no = (detail: string) => refuse('caller_unknown', { detail });
  if (proof.length > 4_000) return no('too long');
  // One proof has one spelling: of the last letter of a part, some bits mean nothing.
  if (!proof.split('.').every((part) => strictBase64url(part))) return no('spelling');
  try {
    const header = decodeProtectedHeader(proof);
    const key = publicJwk.parse(header.jwk);
    const alg = algorithmOf(key);
    if (header.typ !== CALLER_PROOF_TYP || alg === undefined) return no('type');
    const { payload } = await compactVerify(proof, keyObjectOf(key), { algorithms: [alg] });
    const parsed = parseCanonical(payload);
    if (!parsed.allowed) return no('not canonical');
    const said = claims.parse(parsed.value);
    const organisation = parseOrganisationId(said.iss);
    if (!organisation) return no('issuer');
    const same = said.aud === request.audience && said.htm === request.method && said.htu === request.target;
    if (!same || said.body !== digestOfBytes(request.body)) return no('other request');
    const fresh =
      said.iat * 1000 <= now + SIGNATURE_SKEW && now < said.exp * 1000 && said.exp - said.iat <= LIFE_SECONDS;
    if (!fresh) return no('stale');
    return allow({ organisation, key, kid: thumbprintOf(key), jti: said.jti, expiresAt: said.exp * 1000 });
  } catch {
    return no('unreadable');
  }
}

export interface PublishedCaller {
  readonly organisation: OrganisationId;
  readonly kind: HolderKind;
  readonly id: LocalId;
  readonly kid: Thumbprint;
}

/** Which published holder this key is: it must be certified for `call` by its own organisation and be valid now. */
export function publishedCaller(
  holder: KeyHolder,
  ring: KeyRing,
  now: Instant,
): Decision<PublishedCaller, 'caller_unknown'> {
  const key = ring
    .find(holder.organisation, holder.kid, 'call')
    .find((known) => known.holder && known.notBefore <= now && now < known.notAfter);
  if (!key?.holder) return refuse('caller_unknown', { detail: 'no certificate' });
  return allow({ organisation: key.organisation, kind: key.holder.kind, id: key.holder.id, kid: key.kid });
}
