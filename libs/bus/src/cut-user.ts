import type { EpochSeconds } from '@interlock/domain';
import { type BusServers, findConnections, kick } from './ask-servers.js';
import type { BusAccount } from './bus-plan.js';
import { planned, settleAccount } from './reconcile-accounts.js';
import type { RegionKeys } from './region-keys.js';

export interface CutAsk {
  readonly servers: BusServers;
  readonly keys: RegionKeys;
  /** The account of the plan in force. */
  readonly account: BusAccount;
  /** The public nkey of the user whose right ended. */
  readonly userKey: string;
  /** Revocations of this account that the broker has recorded, this one included or not. */
  readonly revocations: Readonly<Record<string, EpochSeconds>>;
  readonly now: EpochSeconds;
}

export interface CutReport {
  /** Connections that were closed. */
  readonly kicked: number;
  /** True once every server holds the revocation and none has a connection of the user. */
  readonly gone: boolean;
}

/** A client that reconnects as fast as it can got in once or twice before the revocation; more means something else. */
const ROUNDS = 5;

/**
 * Ends a user's access now: close its connections and await it, then push the revocation, then look for a connection
 * that came back in between. Pushing first would make the close wait for the check of every connection of the account.
 * On a server that cannot be reached, the user's JWT ends by itself within 15 minutes.
 *
 * @throws if a server does not answer; the caller tries again
 */
export async function cutUser(ask: CutAsk): Promise<CutReport> {
  const { servers, keys, account, userKey, now } = ask;
  const closeAll = async (): Promise<number> => {
    const live = await findConnections(servers, account.publicKey, userKey);
    await Promise.all(live.map((connection) => kick(servers, connection)));
    return live.length;
  };
  let kicked = await closeAll();
  const revocations = { [account.name]: { ...ask.revocations, [userKey]: Math.ceil(now) } };
  await settleAccount(servers, keys, account.publicKey, planned(account, keys, revocations, now), { known: true, now });
  for (let round = 0; round < ROUNDS; round++) {
    const live = await closeAll();
    if (live === 0) return { kicked, gone: true };
    kicked += live;
  }
  return { kicked, gone: false };
}
