import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineService, type RunningService, type StartOptions, startService } from '@interlock/chassis';
import type { ServiceName } from '@interlock/contracts';
import { newPrivateKey, privateKeyToPem } from '@interlock/proof';
import { type TestDatabase, type TestNats, testDatabase, testNats } from '@interlock/testkit';
import { freePort, type Launched, launch } from '@interlock/trial';
import { Module } from '@nestjs/common';
import { dataRouter } from '../src/data-router.service.js';
import type { TestRegion } from './a-region.js';

/** The broker's own services around the data router, each its own process, and the data router in this one. */
export interface TestBroker {
  readonly origin: string;
  readonly database: TestDatabase;
  readonly nats: TestNats;
  /** The data router that was started last. */
  newest(): RunningService;
  /** One more replica of the data router, or the next one after the first was closed. */
  startRouter(more?: Partial<StartOptions>): Promise<RunningService>;
  /** The outbox of a service that was ended, carried on: it announces and answers nothing. */
  announcer(name: ServiceName): Promise<RunningService>;
  /** Ends one of the services around it. */
  end(name: ServiceName): Promise<void>;
  stop(): Promise<void>;
}

@Module({})
class Nothing {}

const PROGRAMS = fileURLToPath(new URL('../../../dist/apps/', import.meta.url));

export async function aBroker(regions: readonly TestRegion[]): Promise<TestBroker> {
  const [database, nats, port] = await Promise.all([testDatabase(), testNats(), freePort()]);
  const origin = `http://127.0.0.1:${port}`;
  const env = (name: ServiceName) => ({
    DATABASE_URL: database.urlFor(name),
    NATS_URL: nats.urlFor(name),
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
  });
  const others = await startOthers(env, origin);
  const routers: RunningService[] = [];
  const startRouter = async (more: Partial<StartOptions> = {}) => {
    const settings = {
      ROUTER_REGIONS: JSON.stringify(regions.map((one) => one.setting)),
      ROUTER_CHECK_EVERY_MS: '1000',
    };
    const options = { env: { ...env('data-router'), ...settings }, ...more };
    const router = (await startService(dataRouter, options)) as RunningService;
    routers.push(router);
    await router.whenReady();
    return router;
  };
  await startRouter();
  const stop = async () => {
    for (const one of routers) await one.close();
    await others.stop();
    await Promise.all([nats.stop(), database.stop()]);
  };
  const announcer = async (name: ServiceName): Promise<RunningService> => {
    const bare = defineService({ name, module: Nothing, settings: {}, migrations: [] });
    return (await startService(bare, { env: env(name) })) as RunningService;
  };
  const newest = () => routers.at(-1) as RunningService;
  return { origin, database, nats, newest, startRouter, announcer, end: others.end, stop };
}

/** The services around the data router, each its own process. */
async function startOthers(env: (name: ServiceName) => Record<string, string>, origin: string) {
  const dir = mkdtempSync(join(tmpdir(), 'interlock-test-broker-'));
  const ticket = join(dir, 'ticket.pem');
  writeFileSync(ticket, privateKeyToPem(newPrivateKey()), { mode: 0o600 });
  const started: Launched[] = [];
  const start = async (name: ServiceName, own: Record<string, string>) => {
    const program = join(PROGRAMS, name, 'main.js');
    if (!existsSync(program)) throw new Error(`${program} is missing; npm test builds it`);
    const spec = { name, program: process.execPath, args: [program], env: { ...env(name), ...own } };
    started.push(await launch({ ...spec, ready: { line: /^\{"ready":/ }, readyWithinMs: 60_000 }));
  };
  // Audit first: its schema holds the door of the evidence logs.
  await start('audit', { LOG_ORIGIN: 'broker.example', LOG_KEY_FILE: join(dir, 'log.pem') });
  await start('trust-registry', {});
  await Promise.all([
    start('grants', { PUBLIC_ORIGIN: origin, GRANTS_RELAYS: 'relay.example:443', GRANTS_TICKET_KEY_FILE: ticket }),
    start('federation-api', { PORT: new URL(origin).port, PUBLIC_ORIGIN: origin }),
  ]);
  const stop = async () => {
    for (const one of started.reverse()) await one.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  const end = async (name: ServiceName) => void (await started.find((one) => one.name === name)?.stop());
  return { stop, end };
}
