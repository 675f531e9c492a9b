import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SERVICES, type ServiceName } from '@interlock/contracts';
import type { PublicJwk } from '@interlock/domain';
import { newPrivateKey, privateKeyToPem, publicJwkOf } from '@interlock/proof';
import { PROGRAMS, type TestDatabase, testDatabase } from '@interlock/testkit';
import { freePorts, type Launched } from '@interlock/trial';
import { EndedByThemselves } from './ended-by-themselves.js';
import { frontDoor } from './front-door.js';
import { type ThreeBuses, threeBuses } from './three-buses.js';

/** A broker of which everything is there more than once but the database, each part its own process. */
export interface ReplicatedBroker {
  readonly origin: string;
  /** Where relays belong that it tells of. */
  readonly relayPorts: readonly number[];
  /** How it signs tickets and checkpoints, and under which name. */
  readonly keys: { readonly ticketKey: PublicJwk; readonly logKey: PublicJwk };
  readonly name: string;
  /** Where its edges listen. */
  readonly urls: readonly string[];
  readonly database: TestDatabase;
  readonly buses: ThreeBuses;
  /** What can be killed, by name. */
  readonly victims: readonly string[];
  /** Processes that ended though nobody ended them, each with its exit code and last words. */
  readonly endedByThemselves: readonly string[];
  /** Kills one with SIGKILL and starts it again; resolves when it is ready. */
  kill(victim: string): Promise<void>;
  /** Ends one as an operator ends it, and starts it again; resolves when it is ready. */
  roll(victim: string): Promise<void>;
  stop(): Promise<void>;
}

const DATABASE = 'database';
const NAME = 'broker.example';

export async function replicatedBroker(replicas: number): Promise<ReplicatedBroker> {
  const [database, buses, ports] = await Promise.all([
    testDatabase({ durable: true }),
    threeBuses(),
    freePorts(replicas + 2),
  ]);
  const relayPorts = ports.slice(replicas);
  const door = await frontDoor(ports.slice(0, replicas));
  const [ticketKey, logKey] = [newPrivateKey(), newPrivateKey()];
  const dir = mkdtempSync(join(tmpdir(), 'interlock-replicas-'));
  const [ticket, log] = [join(dir, 'ticket.pem'), join(dir, 'log.pem')];
  writeFileSync(ticket, privateKeyToPem(ticketKey), { mode: 0o600 });
  writeFileSync(log, privateKeyToPem(logKey), { mode: 0o600 });
  const own: Readonly<Record<ServiceName, Record<string, string>>> = {
    audit: { LOG_ORIGIN: NAME, LOG_KEY_FILE: log },
    'trust-registry': { EVIDENCE_REGION: 'eu-1:DE' },
    grants: {
      ...{ PUBLIC_ORIGIN: door.origin, GRANTS_TICKET_KEY_FILE: ticket },
      GRANTS_RELAYS: relayPorts.map((port) => `127.0.0.1:${port}`).join(','),
    },
    'data-router': { ROUTER_REGIONS: '[]' },
    'federation-api': { PUBLIC_ORIGIN: door.origin },
  };
  const watched = new EndedByThemselves();
  const start = async (name: ServiceName, replica: number): Promise<Launched> => {
    const env = {
      ...{ DATABASE_URL: database.urlFor(name), NATS_URL: buses.urlFor(name), NATS_SERVERS: '3', LOG_LEVEL: 'warn' },
      ...own[name],
      ...(name === 'federation-api' && { PORT: String(ports[replica]) }),
    };
    const program = join(PROGRAMS, name, 'main.js');
    const spec = { name: `${name}-${replica}`, program: process.execPath, args: [program], env };
    // A start that meets a database or a bus that is just away ends; whoever runs it starts it again.
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await watched.launch({ ...spec, ready: { line: /^\{"ready":/ }, readyWithinMs: 60_000 });
      } catch (thrown) {
        if (attempt === 20) throw thrown;
        await pause(250);
      }
    }
  };
  const running = new Map<string, Launched>();
  const put = async (name: ServiceName, replica: number) =>
    void running.set(`${name}-${replica}`, await start(name, replica));
  // All at once, as they come up after a power cut: each is ready when what it needs is there.
  await Promise.all(SERVICES.flatMap((name) => Array.from({ length: replicas }, (_, replica) => put(name, replica))));
  const again = async (victim: string, how: 'killed' | 'stopped'): Promise<void> => {
    if (victim === DATABASE) return how === 'killed' ? killDatabase(database) : database.restart();
    if (victim.startsWith('bus-')) return buses.again(Number(victim.slice(-1)), how);
    const one = running.get(victim);
    if (!one) throw new Error(`there is no ${victim}`);
    await watched.end(one, how);
    await put(victim.slice(0, -2) as ServiceName, Number(victim.slice(-1)));
  };
  return {
    origin: door.origin,
    relayPorts,
    keys: { ticketKey: publicJwkOf(ticketKey), logKey: publicJwkOf(logKey) },
    name: NAME,
    urls: ports.slice(0, replicas).map((port) => `http://127.0.0.1:${port}`),
    database,
    buses,
    endedByThemselves: watched.found,
    victims: [...running.keys(), 'bus-0', 'bus-1', 'bus-2', DATABASE],
    kill: (victim) => again(victim, 'killed'),
    roll: (victim) => again(victim, 'stopped'),
    async stop() {
      await Promise.all([...running.values()].map((one) => watched.end(one, 'stopped')));
      door.stop();
      await buses.stop();
      await database.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The server's first process; the others end when they see that it is gone. */
async function killDatabase(database: TestDatabase): Promise<void> {
  const [row] = await database.query<{ data_directory: string }>('show data_directory');
  const [pid] = readFileSync(join(row?.data_directory ?? '', 'postmaster.pid'), 'utf8').split('\n');
  process.kill(Number(pid), 'SIGKILL');
  for (let attempt = 1; ; attempt += 1) {
    try {
      await database.restart();
      return;
    } catch (thrown) {
      if (attempt === 40) throw thrown;
      await pause(250);
    }
  }
}
