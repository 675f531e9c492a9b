import { publicJwk } from '@interlock/contracts';
import {
  allow,
  type Decision,
  type Instant,
  type LocalId,
  type OrganisationId,
  type PublicJwk,
  parseLocalId,
  parseOrganisationId,
  refuse,
  type Thumbprint,
} from '@interlock/domain';
import { compactVerify, decodeJwt, decodeProtectedHeader } from 'jose';
import { z } from 'zod';
import { SIGNATURE_SKEW } from './envelope.js';
import { algorithmOf, keyObjectOf, thumbprintOf } from './keys.js';
import { strictBase64url } from './strict-base64url.js';
import { LOGIN_PROOF_TYP } from './token.js';

/** A proof is made for one request: it is taken this long after its `iat`, and never again. Milliseconds. */
const PROOF_LIFE = 60_000;
const LONGEST = 4_000;

const seconds = z.number().int().min(0);
const jti = z.string().min(8).max(128);
const dpopClaims = z.object({ jti, htm: z.string().max(10), htu: z.string().max(2_000), iat: seconds });
const assertionClaims = z.object({
  iss: z.string().max(320),
  sub: z.string().max(320),
  aud: z.union([z.string().max(300), z.array(z.string().max(300)).length(1)]),
  iat: seconds,
  nbf: seconds.optional(),
  exp: seconds,
  jti,
});

/** Somebody who holds a key, as an OAuth proof shows it. Whoever takes it refuses a `jti` of this key seen before `expiresAt`. */
export interface OauthHolder {
  readonly key: PublicJwk;
  readonly kid: Thumbprint;
  readonly jti: string;
  readonly expiresAt: Instant;
}

/** A DPoP proof (RFC 9449 section 4.3) for one request to one address, which has no query. A token endpoint asks for no `ath`. */
export async function verifyDpop(
  proof: string,
  request: { readonly method: string; readonly url: string },
  now: Instant,
): Promise<Decision<OauthHolder, 'dpop_wrong'>> {
  const no = (detail: string) => refuse('dpop_wrong', { detail });
  if (proof.length > LONGEST) return no('too long');
  if (!proof.split('.').every((part) => strictBase64url(part))) return no('spelling');
  try {
    const header = decodeProtectedHeader(proof);
    // A strict public key: one with its private half in the header is refused.
    const key = publicJwk.parse(header.jwk);
    if (header.typ !== 'dpop+jwt') return no('type');
    const { payload } = await compactVerify(proof, keyObjectOf(key), { algorithms: algorithmsOf(key) });
    const said = dpopClaims.parse(JSON.parse(Buffer.from(payload).toString('utf8')));
    if (said.htm !== request.method || said.htu.split(/[?#]/, 1)[0] !== request.url) return no('other request');
    const iat = said.iat * 1000;
    if (iat > now + SIGNATURE_SKEW || now >= iat + PROOF_LIFE) return no('stale');
    return allow({ key, kid: thumbprintOf(key), jti: said.jti, expiresAt: iat + PROOF_LIFE });
  } catch {
    return no('unreadable');
  }
}

/** An OAuth client as its assertion names it, before anything is verified: `organisation/id`, and the thumbprint of its key. */
export interface ClaimedClient {
  readonly organisation: OrganisationId;
  readonly id: LocalId;
  readonly kid: string | undefined;
}

export function peekClient(assertion: string): ClaimedClient | undefined {
  try {
    if (assertion.length > LONGEST) return undefined;
    const { kid } = decodeProtectedHeader(assertion);
    const [name = '', id = '', ...rest] = (decodeJwt(assertion).iss ?? '').split('/');
    const [organisation, local] = [parseOrganisationId(name), parseLocalId(id)];
    return organisation && local && rest.length === 0 ? { organisation, id: local, kid } : undefined;
  } catch {
    return undefined;
  }
}

/** A client's assertion has no type of ours, so that no document made for something else is taken for one. */
const ASSERTION_TYPES: readonly unknown[] = [undefined, 'JWT', 'client-authentication+jwt'];

/** `private_key_jwt` (RFC 7523 section 3): the client itself, for this authorization server alone, once, for a minute. */
export async function verifyClientAssertion(
  assertion: string,
  key: PublicJwk,
  expect: { readonly client: string; readonly audience: string },
  now: Instant,
): Promise<Decision<OauthHolder, 'caller_unknown'>> {
  const no = (detail: string) => refuse('caller_unknown', { detail });
  try {
    const { payload, protectedHeader } = await compactVerify(assertion, keyObjectOf(key), {
      algorithms: algorithmsOf(key),
    });
    if (!ASSERTION_TYPES.includes(protectedHeader.typ)) return no('type');
    const said = assertionClaims.parse(JSON.parse(Buffer.from(payload).toString('utf8')));
    if (said.iss !== expect.client || said.sub !== expect.client) return no('other client');
    if (String(said.aud) !== expect.audience) return no('audience');
    const { iat, nbf = iat, exp } = said;
    const expiresAt = exp * 1000;
    const isFresh = Math.max(iat, nbf) * 1000 <= now + SIGNATURE_SKEW && now < expiresAt;
    if (!isFresh || exp <= iat || (exp - iat) * 1000 > PROOF_LIFE) return no('stale');
    return allow({ key, kid: thumbprintOf(key), jti: said.jti, expiresAt });
  } catch {
    return no('unreadable');
  }
}

/** Whether a token says that it is a login proof; an ID token has another type whoever signed it. */
export function saysLoginProof(token: string): boolean {
  try {
    return decodeProtectedHeader(token).typ === LOGIN_PROOF_TYP;
  } catch {
    return false;
  }
}

/** What may stand in `alg` for this key: its one algorithm, for Ed25519 under both of its names (RFC 8037, RFC 9864). */
function algorithmsOf(key: PublicJwk): string[] {
  const alg = algorithmOf(key);
  return alg === 'EdDSA' ? ['EdDSA', 'Ed25519'] : alg ? [alg] : [];
}
