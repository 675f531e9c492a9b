import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunningService, type StartOptions, startService } from '@interlock/chassis';
import type { ServiceName } from '@interlock/contracts';
import { newPrivateKey, privateKeyToPem } from '@interlock/proof';
import { type TestDatabase, type TestNats, testDatabase, testNats } from '@interlock/testkit';
import { freePort, type Launched, launch } from '@interlock/trial';
import { dataRouter } from '../src/data-router.service.js';
import type { TestRegion } from './a-region.js';

/** The broker's own services around the data router, each its own process, and the data router in this one. */
export interface TestBroker {
  readonly origin: string;
  readonly database: TestDatabase;
  readonly nats: TestNats;
  readonly router: RunningService;
  /** One more replica of the data router, or the next one after the first was closed. */
  startRouter(more?: Partial<StartOptions>): Promise<RunningService>;
  stop(): Promise<void>;
}

const PROGRAMS = fileURLToPath(new URL('../../../dist/apps/', import.meta.url));

export async function aBroker(regions: readonly TestRegion[]): Promise<TestBroker> {
  const [database, nats, port] = await Promise.all([testDatabase(), testNats(), freePort()]);
  const dir = mkdtempSync(join(tmpdir(), 'interlock-test-broker-'));
  const origin = `http://127.0.0.1:${port}`;
  const ticket = join(dir, 'ticket.pem');
  writeFileSync(ticket, privateKeyToPem(newPrivateKey()), { mode: 0o600 });
  const env = (name: ServiceName) => ({
    DATABASE_URL: database.urlFor(name),
    NATS_URL: nats.urlFor(name),
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
  });
  const others: Launched[] = [];
  const start = async (name: ServiceName, own: Record<string, string>) => {
    const program = join(PROGRAMS, name, 'main.js');
    if (!existsSync(program)) throw new Error(`${program} is missing; npm test builds it`);
    const spec = { name, program: process.execPath, args: [program], env: { ...env(name), ...own } };
    others.push(await launch({ ...spec, ready: { line: /^\{"ready":/ }, readyWithinMs: 60_000 }));
  };
  // Audit first: its schema holds the door of the evidence logs.
  await start('audit', { LOG_ORIGIN: 'broker.example', LOG_KEY_FILE: join(dir, 'log.pem') });
  await start('trust-registry', {});
  await Promise.all([
    start('grants', { PUBLIC_ORIGIN: origin, GRANTS_RELAYS: 'relay.example:443', GRANTS_TICKET_KEY_FILE: ticket }),
    start('federation-api', { PORT: String(port), PUBLIC_ORIGIN: origin }),
  ]);
  const routers: RunningService[] = [];
  const startRouter = async (more: Partial<StartOptions> = {}) => {
    const settings = {
      ROUTER_REGIONS: JSON.stringify(regions.map((one) => one.setting)),
      ROUTER_CHECK_EVERY_MS: '1000',
    };
    const router = (await startService(dataRouter, {
      env: { ...env('data-router'), ...settings },
      ...more,
    })) as RunningService;
    routers.push(router);
    await router.whenReady();
    return router;
  };
  return {
    origin,
    database,
    nats,
    router: await startRouter(),
    startRouter,
    async stop() {
      for (const router of routers) await router.close();
      for (const other of others.reverse()) await other.stop();
      await Promise.all([nats.stop(), database.stop()]);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
