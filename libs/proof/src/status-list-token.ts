import { deflateSync, inflateSync } from 'node:zlib';
import {
  allow,
  type Decision,
  type Instant,
  type OrganisationId,
  refuse,
  type StatusBits,
  type StatusList,
  type TokenStatuses,
} from '@interlock/domain';
import { z } from 'zod';
import type { KeyRing } from './key-ring.js';
import type { Signer } from './keys.js';
import { strictBase64url } from './strict-base64url.js';
import { signedJwt, type TokenRefusal, verifiedJwt } from './token.js';

export const STATUS_LIST_TYP = 'statuslist+jwt';
/** An unpacked list has at most this many bytes, whatever a small packed one grows to: 2^22 entries of two bits. */
const LONGEST = 1_048_576;
/** Characters of a whole token. */
const LONGEST_TOKEN = 700_000;

/** DEFLATE in the ZLIB format at the highest level, as base64url (IETF Token Status List, section 4.1). */
export const packList = (bytes: Uint8Array): string => deflateSync(bytes, { level: 9 }).toString('base64url');

/** Undefined for what is no list: another spelling, no ZLIB, something behind it, or more than may be unpacked here. */
export function unpackList(lst: string): Uint8Array | undefined {
  if (!strictBase64url(lst)) return undefined;
  const packed = Buffer.from(lst, 'base64url');
  try {
    const { buffer, engine } = inflateSync(packed, { maxOutputLength: LONGEST, info: true }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    return engine.bytesWritten === packed.length ? buffer : undefined;
  } catch {
    return undefined;
  }
}

/** The logins of a list that was verified, ready to be looked up; undefined where it has none, or none that can be read. */
export function loginsOf({ logins }: StatusList): TokenStatuses | undefined {
  const bytes = logins && unpackList(logins.lst);
  return bytes && { uri: logins.sub, bits: logins.bits, bytes };
}

/** Claims of a Status List Token (section 5.1). */
export interface StatusListClaims {
  readonly iss: OrganisationId;
  /** The address it is published under, which referenced tokens name. */
  readonly sub: string;
  readonly iat: number;
  readonly exp: number;
  /** How long it may be kept before it is fetched again, in seconds. */
  readonly ttl: number;
  readonly status_list: { readonly bits: StatusBits; readonly lst: string };
}

const claims = z.looseObject({
  iss: z.string(),
  sub: z.url().max(300),
  iat: z.number().int().min(0),
  exp: z.number().int().min(0),
  ttl: z.number().int().min(1).optional(),
  status_list: z.looseObject({ bits: z.literal<StatusBits[]>([1, 2, 4, 8]), lst: z.string().max(500_000) }),
});

/** Signs a Status List Token by the key that signs the list itself. */
export const signStatusListToken = (said: StatusListClaims, signer: Signer): Promise<string> =>
  signedJwt(STATUS_LIST_TYP, said, said.iss, said.iat, signer);

/** Verifies a Status List Token of `issuer` as whoever fetched it from `uri` must (section 8.3): type, signature, address, time, and that it can be unpacked. */
export async function verifyStatusListToken(
  token: string,
  issuer: OrganisationId,
  uri: string,
  ring: KeyRing,
  now: Instant,
): Promise<Decision<TokenStatuses, TokenRefusal>> {
  const clause = 'status-list';
  const verified = await verifiedJwt(
    token,
    { typ: STATUS_LIST_TYP, purpose: 'beat', issuer, now },
    ring,
    LONGEST_TOKEN,
  );
  if (!verified.allowed) return refuse(verified.refusal.code, { clause });
  const shape = claims.safeParse(verified.value.claims);
  if (!shape.success) return refuse('malformed', { clause });
  const { iss, sub, iat, exp, status_list } = shape.data;
  if (iss !== issuer || sub !== uri) return refuse('wrong_issuer', { clause });
  if (exp <= iat || now >= exp * 1000) return refuse('token_expired', { clause });
  const bytes = unpackList(status_list.lst);
  return bytes ? allow({ uri, bits: status_list.bits, bytes }) : refuse('malformed', { clause });
}
