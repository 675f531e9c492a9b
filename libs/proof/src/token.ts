import { loginProof, ticket } from '@interlock/contracts';
import {
  allow,
  type Decision,
  type Digest,
  type Instant,
  type LoginProof,
  type OrganisationId,
  type PublicJwk,
  parseOrganisationId,
  refuse,
  type Ticket,
} from '@interlock/domain';
import { compactVerify } from 'jose';
import { canonicalBytes, digestOfBytes, parseCanonical } from './canonical-json.js';
import {
  checkSignature,
  type EnvelopeRefusal,
  type EveryCheck,
  SIGNATURE_SKEW,
  type VerifiedSignature,
} from './envelope.js';
import type { KeyRing } from './key-ring.js';
import { algorithmOf, keyObjectOf, type Signer } from './keys.js';
import { strictBase64url } from './strict-base64url.js';

export const LOGIN_PROOF_TYP = 'interlock-login-proof+jwt';
export const TICKET_TYP = 'interlock-ticket+jwt';
/** A login proof lives at most this long, in seconds (trust model, section 4). */
export const LOGIN_PROOF_LONGEST = 900;

/** Characters; a status list alone is longer. */
const LONGEST_TOKEN = 8_000;

export type TokenRefusal = EnvelopeRefusal | 'token_expired' | 'token_too_long';

/** Signs a login proof as a compact JWT (RFC 7519), so that it can also be an RFC 8693 subject token. */
export const signLoginProof = (claims: LoginProof, signer: Signer): Promise<string> =>
  signedJwt(LOGIN_PROOF_TYP, claims, claims.iss, claims.iat, signer);

/**
 * Signs the broker's ticket. `signer.organisation` is not consulted: a broker is no organisation. The id of the trace that asked for it stands in the header, where
 * a verifier that does not know it passes over it (RFC 7515 section 4).
 */
export const signTicket = (claims: Ticket, signer: Signer, trace?: string): Promise<string> =>
  signedJwt(TICKET_TYP, claims, claims.iss, claims.iat, signer, trace === undefined ? {} : { trace });

/** The trace that a ticket was asked for in, 32 hex digits; null where it names none. Written down, never decided by. */
export function traceOfTicket(token: string): string | null {
  const [head = ''] = token.length > LONGEST_TOKEN ? [] : token.split('.', 1);
  const read = strictBase64url(head) ? parseCanonical(Buffer.from(head, 'base64url')) : undefined;
  const { trace } = read?.allowed ? (read.value as { trace?: unknown }) : {};
  return typeof trace === 'string' && /^[0-9a-f]{32}$/.test(trace) ? trace : null;
}

/** A compact JWT of one kind, by the signer's own key; signer and time stand in the header too, where every check looks for them. */
export async function signedJwt(
  typ: string,
  claims: object,
  iss: string,
  iat: number,
  signer: Signer,
  more: object = {},
): Promise<string> {
  const head = canonicalBytes({ alg: signer.alg, typ, kid: signer.kid, iss, iat, ...more }).toString('base64url');
  const body = canonicalBytes(claims).toString('base64url');
  const signature = await signer.sign(Buffer.from(`${head}.${body}`, 'ascii'));
  return `${head}.${body}.${Buffer.from(signature).toString('base64url')}`;
}

/** The digest a ticket and evidence name a token by. */
export const digestOfToken = (token: string): Digest => digestOfBytes(Buffer.from(token, 'ascii'));

export interface VerifiedLoginProof {
  readonly claims: LoginProof;
  readonly digest: Digest;
  readonly signature: VerifiedSignature;
}

/** What a JWT of one kind and one issuer claims, its signature verified. What the claims must be is for whoever asks. */
export async function verifiedJwt(
  token: string,
  expect: Omit<EveryCheck, 'expiredMayNarrow'>,
  ring: KeyRing,
  longest?: number,
): Promise<Decision<{ readonly claims: unknown; readonly signature: VerifiedSignature }, EnvelopeRefusal>> {
  const parts = split(token, longest);
  if (!parts) return refuse('malformed');
  const signature = await checkSignature(parts, parts.payload, ring, { ...expect, expiredMayNarrow: false });
  return signature.allowed ? allow({ claims: parts.claims, signature: signature.value }) : signature;
}

/**
 * Verifies a login proof of `issuer` made for `audience`. An ID token, whoever obtained it, has another type and another key and is
 * refused: a broker that logs people in as a relying party gains nothing.
 */
export async function verifyLoginProof(
  token: string,
  issuer: OrganisationId,
  audience: OrganisationId,
  ring: KeyRing,
  now: Instant,
): Promise<Decision<VerifiedLoginProof, TokenRefusal>> {
  const verified = await verifiedJwt(token, { typ: LOGIN_PROOF_TYP, purpose: 'login', issuer, now }, ring);
  if (!verified.allowed) return refuse(verified.refusal.code, { clause: 'login-proof' });
  const shape = loginProof.safeParse(verified.value.claims);
  if (!shape.success) return refuse('malformed', { clause: 'login-proof' });
  const claims = shape.data;
  if (claims.iss !== issuer) return refuse('wrong_issuer', { clause: 'login-proof' });
  if (claims.aud !== audience) return refuse('wrong_audience', { clause: 'login-proof' });
  const time = timeFault(claims, LOGIN_PROOF_LONGEST, now);
  if (time) return refuse(time, { clause: 'login-proof' });
  return allow({ claims, digest: digestOfToken(token), signature: verified.value.signature });
}

/** Verifies a ticket under the broker's ticket key. It can only ever add a "no": nothing rests on it alone. */
export async function verifyTicket(
  token: string,
  key: PublicJwk,
  now: Instant,
): Promise<Decision<Ticket, TokenRefusal>> {
  const parts = split(token);
  const shape = ticket.safeParse(parts?.claims);
  if (!parts || !shape.success) return refuse('malformed', { clause: 'ticket' });
  const alg = algorithmOf(key);
  if (!alg) return refuse('wrong_algorithm', { clause: 'ticket' });
  try {
    const { protectedHeader } = await compactVerify(token, keyObjectOf(key), { algorithms: [alg] });
    if (protectedHeader.typ !== TICKET_TYP) return refuse('wrong_type', { clause: 'ticket' });
  } catch {
    return refuse('bad_signature', { clause: 'ticket' });
  }
  const time = timeFault(shape.data, LOGIN_PROOF_LONGEST, now);
  return time ? refuse(time, { clause: 'ticket' }) : allow(shape.data);
}

function timeFault(claims: { iat: number; exp: number }, longest: number, now: Instant): TokenRefusal | undefined {
  if (claims.exp <= claims.iat || claims.exp - claims.iat > longest) return 'token_too_long';
  if (claims.iat * 1000 > now + SIGNATURE_SKEW) return 'signed_in_the_future';
  return now >= claims.exp * 1000 ? 'token_expired' : undefined;
}

/** Reads a login proof without believing it, to learn whom it claims to be about. */
export function peekLoginProof(token: string): LoginProof | undefined {
  const shape = loginProof.safeParse(split(token)?.claims);
  return shape.success && parseOrganisationId(shape.data.iss) ? shape.data : undefined;
}

function split(
  token: string,
  longest = LONGEST_TOKEN,
): { protected: string; payload: string; signature: string; claims: unknown } | undefined {
  const [head, payload, signature, ...rest] = token.length > longest ? [] : token.split('.');
  if (!head || !payload || !signature || rest.length > 0) return undefined;
  // One token has one spelling: of the last letter of a part, some bits mean nothing.
  if (![head, payload, signature].every((part) => strictBase64url(part))) return undefined;
  const claims = parseCanonical(Buffer.from(payload, 'base64url'));
  return claims.allowed
    ? { protected: head, payload, signature, claims: claims.value }
    : { protected: head, payload, signature, claims: undefined };
}
