import { createHash } from 'node:crypto';
import type { EpochSeconds } from '@interlock/domain';
import { base32, type Nkey, type NkeyKind, verifyNkey } from '@interlock/proof';

/** A list of subjects that may be used. The server reads an empty list as "everything", so none is ever empty. */
export interface AllowList {
  readonly allow: readonly [string, ...string[]];
}

export interface OperatorBody {
  readonly signing_keys: readonly string[];
  readonly system_account: string;
  /** Accounts and users must be signed by signing keys, never by identity keys. */
  readonly strict_signing_key_usage: true;
}

/** Every limit the server knows. One that is left out means zero of it, so the type leaves none out. */
export interface AccountLimits {
  readonly subs: number;
  readonly data: number;
  readonly payload: number;
  readonly imports: number;
  readonly exports: number;
  readonly wildcards: boolean;
  readonly conn: number;
  readonly leaf: number;
  readonly disallow_bearer: true;
  readonly mem_storage: number;
  readonly disk_storage: number;
  readonly streams: number;
  readonly consumer: number;
  readonly max_ack_pending: number;
  readonly mem_max_stream_bytes: number;
  readonly disk_max_stream_bytes: number;
  readonly max_bytes_required: boolean;
}

export interface ServiceImport {
  readonly name: string;
  readonly type: 'service';
  readonly account: string;
  readonly subject: string;
  readonly local_subject: string;
}

export interface ServiceExport {
  readonly name: string;
  readonly type: 'service';
  readonly subject: string;
  readonly response_type: 'Singleton' | 'Stream';
  /** The token of `subject`, counted from 1, that must be the importer's own account key. */
  readonly account_token_position: number;
}

export interface AccountBody {
  readonly imports: readonly ServiceImport[];
  readonly exports: readonly ServiceExport[];
  readonly limits: AccountLimits;
  readonly signing_keys: readonly string[];
  /** User key -> JWTs of it issued at or before this second are dead. */
  readonly revocations: Readonly<Record<string, EpochSeconds>>;
  readonly default_permissions: { readonly pub: AllowList; readonly sub: AllowList };
}

export interface UserBody {
  readonly issuer_account: string;
  readonly pub: AllowList;
  readonly sub: AllowList;
  readonly subs: number;
  readonly data: number;
  readonly payload: number;
  readonly allowed_connection_types: readonly ['STANDARD'];
  /** Source networks in CIDR form. Left out: any. */
  readonly src?: readonly string[];
  readonly tags?: readonly string[];
}

/** What stands around the body in all three kinds. */
export interface Claims<B> {
  readonly name: string;
  /** The public key this document is about. */
  readonly sub: string;
  readonly iat: EpochSeconds;
  readonly exp?: EpochSeconds;
  readonly nats: B;
}

/** What a verified JWT of the bus said. `nats` is as a stranger wrote it: read its members one by one. */
export interface VerifiedClaims {
  readonly iss: string;
  readonly sub: string;
  readonly name: string;
  readonly iat: EpochSeconds;
  readonly exp?: EpochSeconds;
  readonly nats: Readonly<Record<string, unknown>>;
}

/** A user JWT travels in the CONNECT line, whose default limit is 4,096 bytes (measured: about 3.7 kB still passes). */
export const USER_JWT_MAX_BYTES = 3_500;
/** An account JWT travels in one message to the server, whose default limit is 1 MiB. */
export const ACCOUNT_JWT_MAX_BYTES = 900_000;

/** The server would cut the connection while it is being made, with a message about control lines. */
export class UserJwtTooLarge extends Error {
  override readonly name = 'UserJwtTooLarge';
  constructor(readonly bytes: number) {
    super(`a user JWT of ${bytes} bytes, at most ${USER_JWT_MAX_BYTES} can connect`);
  }
}

const HEADER = Buffer.from('{"typ":"JWT","alg":"ed25519-nkey"}').toString('base64url');
const ACCOUNT_LIMITS = [
  ...['subs', 'data', 'payload', 'imports', 'exports', 'conn', 'leaf', 'mem_storage', 'disk_storage', 'streams'],
  ...['consumer', 'max_ack_pending', 'mem_max_stream_bytes', 'disk_max_stream_bytes'],
];

function encode(kind: NkeyKind, claims: Claims<object>, signer: Nkey): string {
  const body = {
    iat: claims.iat,
    iss: signer.publicKey,
    sub: claims.sub,
    name: claims.name,
    ...(claims.exp === undefined ? {} : { exp: claims.exp }),
    nats: { ...claims.nats, type: kind, version: 2 },
  };
  const jti = base32(createHash('sha512-256').update(JSON.stringify(body)).digest());
  const signed = `${HEADER}.${Buffer.from(JSON.stringify({ jti, ...body })).toString('base64url')}`;
  return `${signed}.${signer.sign(Buffer.from(signed)).toString('base64url')}`;
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`this JWT must not be signed: ${what}`);
}

function mustNumber(body: object, names: readonly string[]): void {
  for (const name of names) {
    const value: unknown = Reflect.get(body, name);
    must(Number.isSafeInteger(value) && Number(value) >= -1, `limit "${name}" is not written as a whole number >= -1`);
  }
}

function mustAllowOnly(permissions: object, where: string): void {
  const { allow, deny } = permissions as { allow?: unknown; deny?: unknown };
  must(deny === undefined, `${where} holds a deny list; only allow-lists are a control`);
  must(
    Array.isArray(allow) && allow.length > 0,
    `${where} allows nothing by name, which the server reads as everything`,
  );
}

/**
 * The operator's own document, made once and offline: it names the signing keys that work online.
 * @throws if the signer is no operator key or no signing key is named
 */
export function signOperatorJwt(claims: Claims<OperatorBody>, signer: Nkey): string {
  must(signer.kind === 'operator' && claims.sub === signer.publicKey, 'the operator signs for itself');
  must(claims.nats.signing_keys.length > 0, 'no signing key is named');
  must(claims.nats.strict_signing_key_usage, 'identity keys would be accepted');
  return encode('operator', claims, signer);
}

/**
 * An account with every limit written, signed by an operator (signing) key.
 * @throws if a limit is missing, a deny list or bearer tokens would be possible, or it is too large to be pushed
 */
export function signAccountJwt(claims: Claims<AccountBody>, signer: Nkey): string {
  must(signer.kind === 'operator', 'accounts are signed by the operator');
  const { limits, default_permissions: defaults } = claims.nats;
  mustNumber(limits, ACCOUNT_LIMITS);
  must(typeof limits.wildcards === 'boolean' && typeof limits.max_bytes_required === 'boolean', 'a limit is missing');
  must(limits.disallow_bearer === true, 'bearer tokens would be possible');
  mustAllowOnly(defaults.pub, 'default_permissions.pub');
  mustAllowOnly(defaults.sub, 'default_permissions.sub');
  for (const name of claims.nats.exports)
    must(name.account_token_position > 0, `export ${name.subject} is open to all`);
  const jwt = encode('account', claims, signer);
  must(jwt.length <= ACCOUNT_JWT_MAX_BYTES, `${jwt.length} bytes, at most ${ACCOUNT_JWT_MAX_BYTES}`);
  return jwt;
}

/**
 * A user that expires, signed by a signing key of its account; the user's seed is not needed.
 * @throws if a limit is missing, there is a deny list, an empty allow-list, a bearer token, no end, or it is no account's key
 * @throws {UserJwtTooLarge} over 3.5 kB
 */
export function signUserJwt(claims: Claims<UserBody> & { readonly exp: EpochSeconds }, signer: Nkey): string {
  must(signer.kind === 'account', 'users are signed by their account');
  must(claims.exp > claims.iat, 'it ends before it begins');
  mustNumber(claims.nats, ['subs', 'data', 'payload']);
  mustAllowOnly(claims.nats.pub, 'pub');
  mustAllowOnly(claims.nats.sub, 'sub');
  must(!('bearer_token' in claims.nats), 'it would be a bearer token');
  const jwt = encode('user', claims, signer);
  if (jwt.length > USER_JWT_MAX_BYTES) throw new UserJwtTooLarge(jwt.length);
  return jwt;
}

/**
 * Reads a JWT of the bus if it is of this kind and signed by one of these keys; `undefined` otherwise.
 * Time is not checked: what an expired document said is still what it said.
 */
export function verifyBusJwt(
  kind: NkeyKind,
  jwt: string,
  signerKind: NkeyKind,
  signers: readonly string[],
): VerifiedClaims | undefined {
  const [header, body, signature, ...rest] = jwt.trim().split('.');
  if (header !== HEADER || body === undefined || signature === undefined || rest.length > 0) return undefined;
  const claims = parse(body);
  if (claims === undefined || !signers.includes(claims.iss) || claims.nats.type !== kind) return undefined;
  const data = Buffer.from(`${header}.${body}`);
  return verifyNkey(signerKind, claims.iss, data, Buffer.from(signature, 'base64url')) ? claims : undefined;
}

function parse(body: string): VerifiedClaims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
    if (typeof value !== 'object' || value === null) return undefined;
    const { iss, sub, iat, nats } = value as Partial<VerifiedClaims>;
    const whole = typeof iss === 'string' && typeof sub === 'string' && Number.isSafeInteger(iat);
    return whole && typeof nats === 'object' && nats !== null ? (value as VerifiedClaims) : undefined;
  } catch {
    return undefined;
  }
}
