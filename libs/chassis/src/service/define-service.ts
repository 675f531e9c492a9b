import type { ServiceName } from '@interlock/contracts';
import type { InjectionToken, Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { EntitySchema } from 'typeorm';
import type { z } from 'zod';
import type { Answerer } from '../bus/answer.js';
import type { News } from '../bus/news.js';
import type { Requests } from '../bus/requests.js';
import type { Subscription } from '../bus/subscribe.js';
import type { Clock } from '../clock.js';
import type { Migration } from '../db/migration.js';
import type { Transactor } from '../db/transactor.js';
import type { CallerVerifier } from '../http/caller.js';
import type { HttpEdge } from '../http/http-app.js';
import type { Ids } from '../ids.js';
import type { Log } from '../log/logger.js';
import type { Worker } from './workers.js';

/** What a service may build its handlers from, once its modules are wired. */
export interface Wiring<S extends z.ZodRawShape = z.ZodRawShape> {
  readonly settings: z.output<z.ZodObject<S>>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly requests: Requests;
  readonly news: News;
  /** Throws if the service has neither tables nor migrations. */
  readonly transactor: Transactor;
  /** A provider of the service's own module. */
  get<T>(token: Type<T> | InjectionToken<T>): T;
}

/** The edge as a service declares it; the verifier may need what the modules provide. */
export interface HttpDefinition<S extends z.ZodRawShape> extends Omit<HttpEdge, 'verifyCaller' | 'origin'> {
  /** Where callers reach the service, if it serves the pages of its codes. */
  origin?(settings: z.output<z.ZodObject<S>>): string;
  verifyCaller?(wiring: Wiring<S>): CallerVerifier;
  /**
   * Plugins (cookies, forms), content types, upgrades: what the app sets on the server before its routes are made.
   * What it returns is called when the service ends, before the server closes: long connections are ended there.
   */
  prepare?(app: NestFastifyApplication, wiring: Wiring<S>): Promise<(() => Promise<void>) | undefined>;
}

/** A whole service as a value. */
export interface ServiceDefinition<S extends z.ZodRawShape = z.ZodRawShape> {
  readonly name: ServiceName;
  /** Nest module of the service: its controllers and verbs. */
  readonly module: Type<unknown>;
  /** The service's own settings, beside those of every service (see `chassisSettings`). */
  readonly settings: S;
  readonly migrations?: readonly Migration[];
  readonly tables?: readonly EntitySchema[];
  consumers?(wiring: Wiring<S>): readonly Subscription[];
  requests?(wiring: Wiring<S>): readonly Answerer[];
  workers?(wiring: Wiring<S>): readonly Worker[];
  readonly http?: HttpDefinition<S>;
}

/** Keeps the types of the settings while a definition is written. */
export const defineService = <const S extends z.ZodRawShape>(definition: ServiceDefinition<S>): ServiceDefinition<S> =>
  definition;
