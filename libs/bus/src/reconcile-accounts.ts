import type { EpochSeconds } from '@interlock/domain';
import { accountClaims, mergeRevocations, retiredClaims, saysWhat } from './account-claims.js';
import { type BusServers, listAccounts, lookUpAccount, pushAccount } from './ask-servers.js';
import type { BusAccount, BusPlan, BusRevocations } from './bus-plan.js';
import { inParallel } from './in-parallel.js';
import { type AccountBody, type Claims, signAccountJwt, type VerifiedClaims, verifyBusJwt } from './jwt.js';
import type { RegionKeys } from './region-keys.js';

/** Public keys of accounts, by what was done with them. */
export interface AccountChanges {
  readonly kept: string[];
  readonly pushed: string[];
  readonly retired: string[];
  readonly failed: { readonly what: string; readonly why: string }[];
}

type Desired = (held: VerifiedClaims | undefined, iat: EpochSeconds) => Claims<AccountBody>;

const WIDTH = 16;

export const noAccountChanges = (): AccountChanges => ({ kept: [], pushed: [], retired: [], failed: [] });

/** What every server holds for an account, if our operator signed it; a stranger's or damaged text is nothing. */
async function readHeld(
  servers: BusServers,
  keys: RegionKeys,
  publicKey: string,
): Promise<(VerifiedClaims | undefined)[]> {
  const texts = await lookUpAccount(servers, publicKey);
  return texts.map((text) => {
    const claims = verifyBusJwt('account', text, 'operator', [keys.operatorSigner.publicKey]);
    return claims?.sub === publicKey ? claims : undefined;
  });
}

const newest = (held: readonly (VerifiedClaims | undefined)[]): VerifiedClaims | undefined =>
  held.reduce((best, claims) => ((claims?.iat ?? -1) > (best?.iat ?? -1) ? claims : best), undefined);

/**
 * Makes all servers hold what is desired for one account, and reads it back.
 * @returns whether anything had to be pushed
 * @throws if a server does not hold it afterwards
 */
export async function settleAccount(
  servers: BusServers,
  keys: RegionKeys,
  publicKey: string,
  desired: Desired,
  options: { readonly known: boolean; readonly now: EpochSeconds },
): Promise<boolean> {
  const held = options.known ? await readHeld(servers, keys, publicKey) : [];
  const best = newest(held);
  // Never older than what is stored: a cluster keeps the newer of two when it heals.
  const claims = desired(best, Math.max(options.now, (best?.iat ?? 0) + 1));
  const wanted = saysWhat(claims);
  const says = (found: VerifiedClaims | undefined): boolean => found !== undefined && saysWhat(found) === wanted;
  if (held.length > 0 && held.every(says)) return false;
  await pushAccount(servers, signAccountJwt(claims, keys.operatorSigner));
  if (!(await readHeld(servers, keys, publicKey)).every(says))
    throw new Error('a server holds something else after the push');
  return true;
}

/** The claims of a planned account: revocations that the servers hold are kept, whatever the broker remembers. */
export const planned =
  (account: BusAccount, keys: RegionKeys, revocations: BusRevocations, now: EpochSeconds): Desired =>
  (held, iat) => {
    const merged = mergeRevocations(held?.nats.revocations, revocations[account.name] ?? {}, now);
    return accountClaims(account, keys, merged, iat);
  };

/** The claims of an account nobody may use any more. If it comes back, what was issued before stays dead. */
const retired =
  (publicKey: string, now: EpochSeconds): Desired =>
  (held, iat) => {
    const everyone: Record<string, EpochSeconds> = held?.name === 'retired' ? {} : { '*': now };
    return retiredClaims(publicKey, mergeRevocations(held?.nats.revocations, everyone, now), iat);
  };

/** Closes every account that the plan does not hold. Done first: what ends never waits for what begins. */
export async function retireAccounts(
  servers: BusServers,
  plan: BusPlan,
  keys: RegionKeys,
  now: EpochSeconds,
  changes: AccountChanges,
): Promise<ReadonlySet<string>> {
  const known = await listAccounts(servers);
  const wanted = new Set(plan.accounts.map(({ publicKey }) => publicKey));
  for (const own of [keys.systemAccount, keys.regionAccount]) wanted.add(own.publicKey);
  const strangers = [...known].filter((key) => !wanted.has(key));
  const settle = async (key: string): Promise<void> => {
    const pushed = await settleAccount(servers, keys, key, retired(key, now), { known: true, now });
    if (pushed) changes.retired.push(key);
  };
  await inParallel(strangers, WIDTH, settle, (what, fault) => changes.failed.push({ what, why: String(fault) }));
  return known;
}

/** Makes the servers hold every account of the plan, and repairs those that say something else. */
export async function pushAccounts(
  servers: BusServers,
  plan: BusPlan,
  keys: RegionKeys,
  revocations: BusRevocations,
  options: { readonly known: ReadonlySet<string>; readonly now: EpochSeconds },
  changes: AccountChanges,
): Promise<void> {
  const settle = async (account: BusAccount): Promise<void> => {
    const { publicKey } = account;
    const desired = planned(account, keys, revocations, options.now);
    const how = { known: options.known.has(publicKey), now: options.now };
    const pushed = await settleAccount(servers, keys, publicKey, desired, how);
    (pushed ? changes.pushed : changes.kept).push(publicKey);
  };
  const failed = ({ publicKey }: BusAccount, fault: unknown): void => {
    changes.failed.push({ what: publicKey, why: String(fault) });
  };
  await inParallel(plan.accounts, WIDTH, settle, failed);
}
