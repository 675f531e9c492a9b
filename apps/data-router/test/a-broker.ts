import { defineService, type RunningService, type StartOptions, startService } from '@interlock/chassis';
import type { ServiceName } from '@interlock/contracts';
import { everythingTwice, type TestDatabase, type TestNats, testDatabase, testNats } from '@interlock/testkit';
import { freePort } from '@interlock/trial';
import { Module } from '@nestjs/common';
import { dataRouter } from '../src/data-router.service.js';
import type { TestRegion } from './a-region.js';
import { brokerProcesses } from './broker-processes.js';

/** The broker's own services around the data router, each its own process, and the data router in this one, to which every event comes twice. */
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

export async function aBroker(regions: readonly TestRegion[]): Promise<TestBroker> {
  const [database, nats, port] = await Promise.all([testDatabase(), testNats(), freePort()]);
  const origin = `http://127.0.0.1:${port}`;
  const env = (name: ServiceName) => ({
    DATABASE_URL: database.urlFor(name),
    NATS_URL: nats.urlFor(name),
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
  });
  const others = await brokerProcesses(env, origin);
  const routers: RunningService[] = [];
  const startRouter = async (more: Partial<StartOptions> = {}) => {
    const settings = {
      ROUTER_REGIONS: JSON.stringify(regions.map((one) => one.setting)),
      ROUTER_CHECK_EVERY_MS: '1000',
    };
    const options = { env: { ...env('data-router'), ...settings }, through: everythingTwice, ...more };
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
