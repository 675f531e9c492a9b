import { join } from 'node:path';
import type { LocalId } from '@interlock/domain';

/** What the company makes pseudonyms with; each of its gateways gets it. */
export const PSEUDONYM_KEY = 'pseudonym.key';

/**
 * Where things lie in a company's folder. `offline/` is for the hands of an administrator: it may sit on a stick in a safe, and the
 * running agent never opens it. `keys/` is the running agent's. What is under `gateways/`, `machines/` and `workloads/` is carried to them.
 */
export const layout = (dir: string) => ({
  settings: join(dir, 'company.json'),
  pins: join(dir, 'pins.json'),
  broker: join(dir, 'broker.json'),
  offline: join(dir, 'offline'),
  /** What the root signed at enrolment, to revoke everything one day; keep a copy where the root is not. */
  revokeAll: join(dir, 'offline', 'revoke-all.json'),
  keys: join(dir, 'keys'),
  clientSecret: join(dir, 'keys', 'oidc-client-secret'),
  /** How the company's own provider tells the agent of accounts, and what each of the two shows the other. */
  accountFeed: join(dir, 'account-feed.json'),
  accountToken: join(dir, 'keys', 'account-feed-token'),
  accountPollToken: join(dir, 'keys', 'account-poll-token'),
  /** Whom the agent tells of the company's own subjects, what each shows, and the key that signs it. */
  signalStreams: join(dir, 'signal-streams.json'),
  streamKeys: join(dir, 'keys', 'streams'),
  signalKey: join(dir, 'keys', 'streams', 'signals.pem'),
  decisionPoint: join(dir, 'decision-point.json'),
  policies: join(dir, 'decision-point.cedar'),
  decisionPointToken: join(dir, 'keys', 'decision-point-token'),
  entities: join(dir, 'entities'),
  certificates: join(dir, 'certificates'),
  /** Which keys were rotated out: what they signed goes on to count until their certificates end, and nobody renews those. */
  retired: join(dir, 'retired-keys.json'),
  people: join(dir, 'people'),
  roles: join(dir, 'roles'),
  person: (id: LocalId) => join(dir, 'people', folderName(id)),
  pseudonyms: join(dir, 'keys', PSEUDONYM_KEY),
  gateway: (id: LocalId) => join(dir, 'gateways', folderName(id)),
  machine: (id: LocalId) => join(dir, 'machines', folderName(id)),
  workload: (id: LocalId) => join(dir, 'workloads', folderName(id)),
  embargo: join(dir, 'embargo'),
  agreements: join(dir, 'agreements'),
  state: join(dir, 'state'),
});

/** Ids may hold slashes; a folder name may not. No other character of an id is special to a file system. */
export const folderName = (id: LocalId): string => id.replaceAll('/', '+');

export const OFFLINE_KEYS = ['root', 'certify', 'agreement'] as const;
export type OfflineKey = (typeof OFFLINE_KEYS)[number];
export const AGENT_KEYS = ['agent', 'beat', 'witness'] as const;
export type AgentKey = (typeof AGENT_KEYS)[number];
