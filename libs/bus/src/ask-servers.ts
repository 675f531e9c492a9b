import { decodePublicKey } from '@interlock/proof';
import type { NatsConnection } from '@nats-io/transport-node';

/** A connection as a user of the system account, and how many servers answer there. */
export interface BusServers {
  readonly system: NatsConnection;
  readonly count: number;
}

/** One live connection of a user. */
export interface BusConnection {
  readonly serverId: string;
  readonly cid: number;
}

const ANSWER_MS = 5_000;

/** Asks every server; an answer that is missing is a fault, since an unasked server may hold anything. */
async function ask(servers: BusServers, subject: string, body: string): Promise<string[]> {
  const answers: string[] = [];
  if (servers.count === 1) {
    const answer = await servers.system.request(subject, body, { timeout: ANSWER_MS });
    return [answer.string()];
  }
  const options = { strategy: 'count' as const, maxMessages: servers.count, maxWait: ANSWER_MS };
  for await (const answer of await servers.system.requestMany(subject, body, options)) answers.push(answer.string());
  if (answers.length < servers.count) {
    throw new Error(`${answers.length} of ${servers.count} bus servers answered ${subject}`);
  }
  return answers;
}

/** The answer's data and the id of the server that gave it. */
function open(text: string, subject: string): { readonly serverId: string; readonly data: unknown } {
  const value: unknown = JSON.parse(text);
  const { server, data, error } = (value ?? {}) as { server?: { id?: unknown }; data?: unknown; error?: unknown };
  if (error !== undefined || data === undefined)
    throw new Error(`a bus server refused ${subject}: ${text.slice(0, 300)}`);
  return { serverId: typeof server?.id === 'string' ? server.id : '', data };
}

/** What each server says about itself. */
export async function askVarz(servers: BusServers): Promise<unknown[]> {
  const subject = '$SYS.REQ.SERVER.PING.VARZ';
  return (await ask(servers, subject, '')).map((text) => open(text, subject).data);
}

/** The public keys of all accounts that any server stores. */
export async function listAccounts(servers: BusServers): Promise<Set<string>> {
  const subject = '$SYS.REQ.CLAIMS.LIST';
  const keys = (await ask(servers, subject, '')).flatMap((text) => {
    const { data } = open(text, subject);
    return Array.isArray(data) ? data.map(String) : [];
  });
  return new Set(keys.filter((key) => decodePublicKey('account', key) !== undefined));
}

/** The account JWT as each server stores it. Ask only for accounts that `listAccounts` named. */
export const lookUpAccount = (servers: BusServers, publicKey: string): Promise<string[]> =>
  ask(servers, `$SYS.REQ.ACCOUNT.${publicKey}.CLAIMS.LOOKUP`, '');

/**
 * Hands an account JWT to every server. An "updated" is no proof that the account works as meant; look it up.
 * @throws if a server does not say that it stored it
 */
export async function pushAccount(servers: BusServers, jwt: string): Promise<void> {
  const subject = '$SYS.REQ.CLAIMS.UPDATE';
  for (const text of await ask(servers, subject, jwt)) {
    const { data } = open(text, subject);
    if ((data as { code?: unknown } | null)?.code !== 200)
      throw new Error(`a bus server did not store: ${text.slice(0, 300)}`);
  }
}

/** The live connections of one user key in one account. */
export async function findConnections(servers: BusServers, account: string, userKey: string): Promise<BusConnection[]> {
  const subject = `$SYS.REQ.ACCOUNT.${account}.CONNZ`;
  const found: BusConnection[] = [];
  const query = { auth: true, user: userKey, acc: account, limit: 1024 };
  for (const text of await ask(servers, subject, JSON.stringify(query))) {
    const { serverId, data } = open(text, subject);
    const { connections } = data as { connections?: readonly { cid?: unknown; authorized_user?: unknown }[] };
    for (const { cid, authorized_user } of connections ?? []) {
      if (typeof cid === 'number' && authorized_user === userKey) found.push({ serverId, cid });
    }
  }
  return found;
}

/** Closes one connection and waits until its server says so. One that is already gone is no error. */
export async function kick(servers: BusServers, { serverId, cid }: BusConnection): Promise<void> {
  await servers.system.request(`$SYS.REQ.SERVER.${serverId}.KICK`, JSON.stringify({ cid }), { timeout: ANSWER_MS });
}
