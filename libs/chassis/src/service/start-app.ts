import type { InjectionToken, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { z } from 'zod';
import { JetStreamServer } from '../bus/jetstream-server.js';
import { RequestServer } from '../bus/request-server.js';
import { sweep } from '../db/sweep.js';
import type { Transactor } from '../db/transactor.js';
import { StartError } from '../fault.js';
import { fastifyWithLimits, installEdge } from '../http/http-app.js';
import { nestLog } from '../log/logger.js';
import { timeRequests } from '../metrics/time-requests.js';
import { traceRequests } from '../trace/trace-requests.js';
import { rootModule } from './chassis.module.js';
import type { ServiceDefinition, Wiring } from './define-service.js';
import type { Parts } from './parts.js';
import type { ServiceSettings } from './read-settings.js';
import { type Worker, Workers } from './workers.js';

/** The Nest application of a service, with everything it hears, answers and repeats; not listening yet. */
export async function startApp<S extends z.ZodRawShape>(
  definition: ServiceDefinition<S>,
  settings: ServiceSettings<S>,
  parts: Parts,
): Promise<{ app: NestFastifyApplication; wiring: Wiring<S> }> {
  const app = await NestFactory.create<NestFastifyApplication>(
    rootModule(parts, definition.module),
    fastifyWithLimits(definition.http?.bodyLimit, definition.http?.origin?.(settings)),
    { logger: nestLog(parts.log), abortOnError: false, rawBody: true },
  );
  parts.closers.add(() => app.close());
  const wiring = wiringOf(app, settings, parts);
  const server = app.getHttpAdapter().getInstance();
  traceRequests(server, parts.tracer);
  timeRequests(server, parts.metrics);
  const undo = await definition.http?.prepare?.(app, wiring);
  if (undo) parts.closers.add(undo);
  installEdge(app, edgeOf(definition, wiring), parts.log);
  connectHandlers(app, definition, wiring, parts);
  const workers = new Workers(
    [...(definition.workers?.(wiring) ?? []), ...ownWorkers(parts)],
    parts.log,
    parts.metrics,
  );
  parts.health.add('workers', () => workers.trouble());
  await app.startAllMicroservices();
  await app.init();
  workers.start();
  parts.closers.add(() => workers.stop());
  return { app, wiring };
}

const HOUR_MS = 3_600_000;
const ownWorkers = ({ transactor }: Parts): Worker[] =>
  transactor ? [{ name: 'sweep', everyMs: HOUR_MS, work: () => sweep(transactor) }] : [];

const edgeOf = <S extends z.ZodRawShape>(definition: ServiceDefinition<S>, wiring: Wiring<S>) => {
  const { http } = definition;
  if (!http) return undefined;
  const { refusals, verifyCaller } = http;
  return {
    refusals,
    origin: http.origin?.(wiring.settings),
    ...(verifyCaller ? { verifyCaller: verifyCaller(wiring) } : {}),
  };
};

function connectHandlers<S extends z.ZodRawShape>(
  app: NestFastifyApplication,
  definition: ServiceDefinition<S>,
  wiring: Wiring<S>,
  parts: Parts,
): void {
  const { bus, transactor, through, log, health, metrics, tracer } = parts;
  const answerers = definition.requests?.(wiring) ?? [];
  app.connectMicroservice({
    strategy: new RequestServer({ bus, service: definition.name, answerers, transactor, log, tracer }),
  });
  const subscriptions = definition.consumers?.(wiring) ?? [];
  if (subscriptions.length === 0) return;
  const server = new JetStreamServer({
    bus,
    transactor: wiring.transactor,
    subscriptions,
    through,
    log,
    metrics,
    tracer,
  });
  app.connectMicroservice({ strategy: server });
  health.add('consumers', () => (server.unbound.length > 0 ? `${server.unbound.join(', ')} not bound` : undefined));
}

const wiringOf = <S extends z.ZodRawShape>(
  app: NestFastifyApplication,
  settings: ServiceSettings<S>,
  parts: Parts,
): Wiring<S> => ({
  settings,
  clock: parts.clock,
  ids: parts.ids,
  log: parts.log,
  requests: parts.requests,
  news: parts.news,
  get transactor(): Transactor {
    if (!parts.transactor) throw new StartError('this service has no tables, so it can have no transaction');
    return parts.transactor;
  },
  get: <T>(token: Type<T> | InjectionToken<T>): T => app.get<T>(token, { strict: false }),
});
