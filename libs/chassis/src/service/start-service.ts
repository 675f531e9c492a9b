import 'reflect-metadata';
import type { z } from 'zod';
import { News } from '../bus/news.js';
import { Requests } from '../bus/requests.js';
import { type Clock, SystemClock } from '../clock.js';
import { type Ids, RandomIds } from '../ids.js';
import { type Log, makeLog } from '../log/logger.js';
import { Metrics } from '../metrics/metrics.js';
import { openOperatorPort } from '../metrics/operator-port.js';
import { showStanding } from '../metrics/show-standing.js';
import { type ThroughStep, unbroken } from '../steps.js';
import { openTracer } from '../trace/open-tracer.js';
import { Closers } from './closers.js';
import type { ServiceDefinition, Wiring } from './define-service.js';
import { Health } from './health.js';
import type { Bench, Parts } from './parts.js';
import { readSettings, type ServiceSettings } from './read-settings.js';
import { startApp } from './start-app.js';
import { startBus, startRelay } from './start-bus.js';
import { startDatabase } from './start-database.js';

/** The environment, and what a test may put in the place of this machine. */
export interface StartOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  readonly ids?: Ids;
  readonly through?: ThroughStep;
  readonly log?: Log;
}

/** A service that runs in this process. */
export interface RunningService<S extends z.ZodRawShape = z.ZodRawShape> {
  readonly port: number;
  /** Where the operator reads figures; undefined where METRICS_PORT is not set. */
  readonly metricsPort: number | undefined;
  readonly wiring: Wiring<S>;
  readonly health: Health;
  /** Whether the end of the parent's pipe ends it; see `INTERLOCK_PARENT_PIPE`. */
  readonly endsWithParent: boolean;
  /** Resolves when nothing keeps it from its work any more. */
  whenReady(): Promise<void>;
  /** Takes nothing new, lets what is under way finish, closes all connections. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const READY_POLL_MS = 25;

/**
 * Starts a service: settings, schema, bus, modules, edge, consumers, relay, in this order; whatever fails closes what
 * was opened and rejects. Throws `ConfigurationError` or `StartError` with what to change.
 */
export async function startService<const S extends z.ZodRawShape>(
  definition: ServiceDefinition<S>,
  options: StartOptions,
): Promise<RunningService<S>> {
  const settings = readSettings(definition, options.env);
  const bench: Bench = {
    clock: options.clock ?? new SystemClock(),
    ids: options.ids ?? new RandomIds(),
    through: options.through ?? unbroken,
    log: options.log ?? makeLog(definition.name, settings.LOG_LEVEL),
    health: new Health(),
    metrics: new Metrics(definition.name),
    closers: new Closers(),
    tracer: await openTracer(definition.name, settings.OTEL_EXPORTER_OTLP_ENDPOINT),
  };
  bench.closers.add(() => bench.tracer.close());
  try {
    return await open(definition, settings, bench);
  } catch (thrown) {
    await bench.closers.close().catch(() => undefined);
    throw thrown;
  }
}

async function open<S extends z.ZodRawShape>(
  definition: ServiceDefinition<S>,
  settings: ServiceSettings<S>,
  bench: Bench,
): Promise<RunningService<S>> {
  const { DATABASE_URL: url, DATABASE_POOL: poolSize = 8 } = settings;
  const transactor = url ? await startDatabase(definition, { url, poolSize }, bench) : undefined;
  const { NATS_URL, NATS_CA_FILE: caFile, NATS_SERVERS: servers } = settings;
  const bus = await startBus(definition, { url: NATS_URL, caFile, servers }, bench);
  const requests = new Requests(bus, definition.name, settings.REQUEST_DEADLINE_MS, bench.metrics, bench.tracer);
  bench.closers.add(() => requests.close());
  const news = new News(bus, definition.name);
  const parts: Parts = { ...bench, settings, bus, requests, news, transactor };
  if (url) startRelay(definition, url, parts);
  const { app, wiring } = await startApp(definition, settings, parts);
  await app.listen(settings.PORT, settings.HOST);
  const operator = await openForOperator(settings, parts);
  return running(definition.name, Number(new URL(await app.getUrl()).port), wiring, parts, settings, operator);
}

async function openForOperator(
  { METRICS_PORT: port, METRICS_HOST: host }: Pick<ServiceSettings<z.ZodRawShape>, 'METRICS_PORT' | 'METRICS_HOST'>,
  { metrics, health, transactor, closers }: Parts,
): Promise<number | undefined> {
  if (port === undefined) return undefined;
  showStanding(metrics, health, transactor);
  const opened = await openOperatorPort(metrics, { host, port });
  closers.add(() => opened.close());
  return opened.port;
}

function running<S extends z.ZodRawShape>(
  name: string,
  port: number,
  wiring: Wiring<S>,
  { health, closers, log }: Parts,
  settings: ServiceSettings<S>,
  metricsPort: number | undefined,
): RunningService<S> {
  log.info({ event: 'service.listening', service: name, port }, 'service listens');
  const close = async () => {
    health.close();
    await closers.close();
  };
  return {
    port,
    metricsPort,
    wiring,
    health,
    endsWithParent: settings.INTERLOCK_PARENT_PIPE === '1',
    close,
    [Symbol.asyncDispose]: close,
    async whenReady() {
      while (Object.keys(await health.troubles()).length > 0) {
        await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
      }
    },
  };
}
