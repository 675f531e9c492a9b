import type { EpochSeconds } from '@interlock/domain';
import { type AllowList, signUserJwt } from './jwt.js';
import type { RegionKeys } from './region-keys.js';
import { inboxPrefix } from './subjects.js';

/**
 * The broker's own two users. `reconciler` is in the system account: it can write accounts, look at them and at
 * connections, and close connections. `maker` is in the region account: it makes streams and durables and reads no
 * message of any flow.
 */
export type BrokerRole = 'reconciler' | 'maker';

const MAY_PUBLISH: Readonly<Record<BrokerRole, AllowList>> = {
  reconciler: {
    allow: [
      '$SYS.REQ.CLAIMS.UPDATE',
      '$SYS.REQ.CLAIMS.LIST',
      '$SYS.REQ.ACCOUNT.*.CLAIMS.LOOKUP',
      '$SYS.REQ.ACCOUNT.*.CONNZ',
      '$SYS.REQ.SERVER.*.KICK',
      '$SYS.REQ.SERVER.PING.VARZ',
    ],
  },
  maker: {
    allow: [
      '$JS.API.STREAM.CREATE.*',
      '$JS.API.STREAM.UPDATE.*',
      '$JS.API.STREAM.DELETE.*',
      '$JS.API.STREAM.INFO.*',
      '$JS.API.STREAM.LIST',
      '$JS.API.CONSUMER.DURABLE.CREATE.*.*',
      '$JS.API.CONSUMER.DELETE.*.*',
      '$JS.API.CONSUMER.INFO.*.*',
      '$JS.API.CONSUMER.LIST.*',
    ],
  },
};

/** A JWT for a process of the broker itself; it makes a fresh one at each connect. */
export function issueBrokerUser(
  role: BrokerRole,
  keys: RegionKeys,
  publicKey: string,
  now: EpochSeconds,
  lifeSeconds: number,
): string {
  const account = role === 'reconciler' ? keys.systemAccount : keys.regionAccount;
  const nats = {
    issuer_account: account.publicKey,
    pub: MAY_PUBLISH[role],
    sub: { allow: [`${inboxPrefix(publicKey)}.>`] as const },
    subs: 64,
    data: -1,
    payload: -1,
    allowed_connection_types: ['STANDARD'] as const,
  };
  return signUserJwt({ name: role, sub: publicKey, iat: now, exp: now + lifeSeconds, nats }, account.signer);
}
