import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, type RunningService, startService } from '@interlock/chassis';
import type { ServiceName } from '@interlock/contracts';
import type { PublicJwk } from '@interlock/domain';
import { publicJwkOf } from '@interlock/proof';
import {
  everythingTwice,
  type Faults,
  type TestDatabase,
  type TestNats,
  testDatabase,
  testNats,
} from '@interlock/testkit';
import { auditService } from '../../../apps/audit/src/audit.service.js';
import { dataRouter } from '../../../apps/data-router/src/data-router.service.js';
import { federationApi } from '../../../apps/federation-api/src/federation-api.service.js';
import { grants } from '../../../apps/grants/src/grants.service.js';
import { trustRegistry } from '../../../apps/trust-registry/src/trust-registry.service.js';

/** The broker's services in one process, on a real PostgreSQL and a real bus. */
export interface Broker {
  /** As in caller proofs. */
  readonly origin: string;
  /** Where it listens. */
  readonly url: string;
  readonly database: TestDatabase;
  readonly nats: TestNats;
  readonly ticketKey: PublicJwk;
  /** The folder of its keys. */
  readonly keys: string;
  /** Starts one more replica of the edge; returns its address. */
  anotherEdge(settings?: Readonly<Record<string, string>>, clock?: Clock): Promise<string>;
  stop(): Promise<void>;
}

export const ORIGIN = 'https://broker.example';

/** What a broker is started on in place of new ones: rows of an earlier one, with its keys. */
export interface EarlierBroker {
  readonly database: TestDatabase;
  readonly keys: string;
}

/** Every event comes twice to every consumer. With `regions` it routes data through them. `faults` breaks writes of registry and grants, which then hear it once. */
export async function aBroker(
  faults?: Faults,
  earlier?: EarlierBroker,
  regions: readonly { readonly setting: object }[] = [],
): Promise<Broker> {
  const [database, nats] = await Promise.all([earlier?.database ?? testDatabase(), testNats()]);
  const dir = mkdtempSync(join(tmpdir(), 'interlock-test-broker-'));
  const ticketFile = join(dir, 'ticket-key.pem');
  if (earlier) cpSync(earlier.keys, dir, { recursive: true });
  else writeFileSync(ticketFile, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const env = (name: ServiceName) => ({
    DATABASE_URL: database.urlFor(name),
    NATS_URL: nats.urlFor(name),
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'error',
    REQUEST_DEADLINE_MS: '20000',
    PUBLIC_ORIGIN: ORIGIN,
    GRANTS_RELAYS: 'relay.example:4443',
    GRANTS_TICKET_KEY_FILE: ticketFile,
    EVIDENCE_REGION: 'eu-1:DE',
    LOG_ORIGIN: 'broker.example',
    LOG_KEY_FILE: join(dir, 'log-key.pem'),
  });
  const running: RunningService[] = [];
  const start = async (starting: Promise<RunningService>) => {
    const service = await starting;
    running.push(service);
    await service.whenReady();
    return service;
  };
  // Audit first: the door of the evidence logs stands before anything is to be written through it.
  await start(startService(auditService, { env: env('audit'), through: everythingTwice }) as Promise<RunningService>);
  const through = faults?.through ?? everythingTwice;
  await start(startService(trustRegistry, { env: env('trust-registry'), through }) as Promise<RunningService>);
  await start(startService(grants, { env: env('grants'), through }) as Promise<RunningService>);
  if (regions.length > 0) {
    const routing = {
      ROUTER_REGIONS: JSON.stringify(regions.map(({ setting }) => setting)),
      ROUTER_CHECK_EVERY_MS: '1000',
    };
    const options = { env: { ...env('data-router'), ...routing }, through: everythingTwice };
    await start(startService(dataRouter, options) as Promise<RunningService>);
  }
  const edge = (more: Readonly<Record<string, string>> = {}, clock?: Clock) => {
    const options = { env: { ...env('federation-api'), ...more }, through: everythingTwice, ...(clock && { clock }) };
    return start(startService(federationApi, options) as Promise<RunningService>);
  };
  const { port } = await edge();
  return {
    origin: ORIGIN,
    url: `http://127.0.0.1:${port}`,
    database,
    nats,
    ticketKey: publicJwkOf(createPrivateKey(readFileSync(ticketFile))),
    keys: dir,
    anotherEdge: async (settings, clock) => `http://127.0.0.1:${(await edge(settings, clock)).port}`,
    async stop() {
      for (const one of running.reverse()) await one.close();
      await nats.stop();
      await database.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
