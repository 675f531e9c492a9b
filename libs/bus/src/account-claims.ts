import { createHash } from 'node:crypto';
import { LARGEST_REGION_MESSAGE } from '@interlock/contracts';
import type { EpochSeconds } from '@interlock/domain';
import type { BusAccount } from './bus-plan.js';
import type { AccountBody, AccountLimits, Claims, ServiceExport, VerifiedClaims } from './jwt.js';
import type { AccountKeys, RegionKeys } from './region-keys.js';

/** Longest life of a user JWT: the only bound that holds on a server that is cut off from the broker. */
export const USER_MAX_SECONDS = 900;
/** How long a revocation is kept: no JWT issued before it can be alive afterwards, whatever the skew between servers. */
export const REVOCATION_SECONDS = USER_MAX_SECONDS + 60;
/** Largest message. A sealed batch of 64 KiB is about 90 kB on the wire. */
export const MAX_PAYLOAD_BYTES = LARGEST_REGION_MESSAGE;
/** Connections of one account: of one gateway, or of one organisation's readers of one agreement. */
const ACCOUNT_CONNECTIONS = 32;
const ACCOUNT_SUBSCRIPTIONS = 512;

const NO_STORAGE = {
  mem_storage: 0,
  disk_storage: 0,
  streams: 0,
  consumer: 0,
  max_ack_pending: 0,
  mem_max_stream_bytes: 0,
  disk_max_stream_bytes: 0,
  max_bytes_required: true,
};

const NOTHING: AccountLimits = {
  ...NO_STORAGE,
  subs: 0,
  data: 0,
  payload: 0,
  imports: 0,
  exports: 0,
  wildcards: false,
  conn: 0,
  leaf: 0,
  disallow_bearer: true,
};

/** A user JWT without permissions of its own gets these: a subject nobody uses. An empty list would allow all. */
const UNUSED = { allow: ['unused'] as const };
const DEFAULT_PERMISSIONS = { pub: UNUSED, sub: UNUSED };

/** The region account offers exactly three things, each only to the account whose key stands in the subject. */
const REGION_EXPORTS: readonly ServiceExport[] = [
  { name: 'publish', type: 'service', subject: 'flow.*.*.*', response_type: 'Singleton', account_token_position: 2 },
  {
    name: 'next',
    type: 'service',
    subject: '$JS.API.CONSUMER.MSG.NEXT.*.*',
    response_type: 'Stream',
    account_token_position: 7,
  },
  { name: 'ack', type: 'service', subject: '$JS.ACK.*.*.>', response_type: 'Singleton', account_token_position: 4 },
];

function body(limits: AccountLimits, keys: AccountKeys | undefined): AccountBody {
  const signing_keys = keys === undefined ? [] : [keys.signer.publicKey];
  return { imports: [], exports: [], limits, signing_keys, revocations: {}, default_permissions: DEFAULT_PERMISSIONS };
}

/** What the server must hold for an account of the plan. */
export function accountClaims(
  account: BusAccount,
  keys: RegionKeys,
  revocations: Readonly<Record<string, EpochSeconds>>,
  iat: EpochSeconds,
): Claims<AccountBody> {
  const limits: AccountLimits = {
    ...NOTHING,
    subs: ACCOUNT_SUBSCRIPTIONS,
    data: -1,
    payload: MAX_PAYLOAD_BYTES,
    imports: account.imports.length,
    conn: ACCOUNT_CONNECTIONS,
  };
  const imports = account.imports.map(({ kind, subject, localSubject }) => ({
    name: kind,
    type: 'service' as const,
    account: keys.regionAccount.publicKey,
    subject,
    local_subject: localSubject,
  }));
  const nats = { ...body(limits, keys.accountKeys(account.name)), imports, revocations: sorted(revocations) };
  return { name: account.name, sub: account.publicKey, iat, nats };
}

/** What the server must hold for an account that is no longer in the plan: nobody connects, nothing is imported. */
export const retiredClaims = (
  publicKey: string,
  revocations: Readonly<Record<string, EpochSeconds>>,
  iat: EpochSeconds,
): Claims<AccountBody> => ({
  name: 'retired',
  sub: publicKey,
  iat,
  nats: { ...body(NOTHING, undefined), revocations: sorted(revocations) },
});

/** The one account with JetStream, file storage only. It does not depend on any agreement, so it never changes. */
export function regionAccountClaims(keys: RegionKeys, iat: EpochSeconds): Claims<AccountBody> {
  const limits: AccountLimits = {
    ...NOTHING,
    subs: -1,
    data: -1,
    payload: -1,
    exports: REGION_EXPORTS.length,
    wildcards: true,
    conn: ACCOUNT_CONNECTIONS,
    disk_storage: -1,
    streams: -1,
    consumer: -1,
    max_ack_pending: -1,
    disk_max_stream_bytes: -1,
  };
  const nats = { ...body(limits, keys.regionAccount), exports: REGION_EXPORTS };
  return { name: 'region', sub: keys.regionAccount.publicKey, iat, nats };
}

/** The system account: seen by the broker's own processes alone. */
export function systemAccountClaims(keys: RegionKeys, iat: EpochSeconds): Claims<AccountBody> {
  const limits: AccountLimits = { ...NOTHING, subs: -1, data: -1, payload: -1, conn: ACCOUNT_CONNECTIONS };
  return { name: 'system', sub: keys.systemAccount.publicKey, iat, nats: body(limits, keys.systemAccount) };
}

/**
 * A digest of what an account JWT says, leaving out when it was written. The order of members does not count:
 * the server hands back the text that was pushed, but another writer's text may be ordered otherwise.
 */
export function saysWhat(claims: Claims<AccountBody> | VerifiedClaims): string {
  const { type: _type, version: _version, ...nats } = claims.nats as unknown as Record<string, unknown>;
  const text = JSON.stringify([claims.sub, claims.name, claims.exp ?? null, ordered(nats)]);
  return createHash('sha256').update(text).digest('base64url');
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => [name, ordered(member)]);
}

/**
 * Revocations are a set that only grows until they can no longer matter: what the server already holds stays, even
 * if this broker lost its own record of it, and a replayed older account JWT un-revokes nobody for longer than a pass.
 */
export function mergeRevocations(
  held: unknown,
  wanted: Readonly<Record<string, EpochSeconds>>,
  now: EpochSeconds,
): Record<string, EpochSeconds> {
  const merged: Record<string, EpochSeconds> = {};
  const all = [...Object.entries(typeof held === 'object' && held !== null ? held : {}), ...Object.entries(wanted)];
  for (const [userKey, at] of all) {
    if (typeof at !== 'number' || at <= now - REVOCATION_SECONDS) continue;
    merged[userKey] = Math.max(at, merged[userKey] ?? 0);
  }
  return merged;
}

const sorted = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
