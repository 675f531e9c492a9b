import { type DynamicModule, Global, Module, type Provider, type Type } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { News } from '../bus/news.js';
import { Requests } from '../bus/requests.js';
import { Clock } from '../clock.js';
import { Transactor } from '../db/transactor.js';
import { Ids } from '../ids.js';
import type { Log } from '../log/logger.js';
import { HealthController } from './health.controller.js';
import { Health } from './health.js';

/** Tokens of values that are no class: `@Inject(SETTINGS)`, `@Inject(LOG)`. */
export const SETTINGS = Symbol('settings');
export const LOG = Symbol('log');

/** What every provider of a service may ask for. */
export interface Provided {
  readonly settings: object;
  readonly log: Log;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly requests: Requests;
  readonly news: News;
  readonly health: Health;
  readonly transactor: Transactor | undefined;
}

@Global()
@Module({})
export class ChassisModule {}

/** The root of a service: what the chassis provides, health, and the service's own module. */
export function rootModule(provided: Provided, own: Type<unknown>): DynamicModule {
  const providers: Provider[] = [
    { provide: SETTINGS, useValue: provided.settings },
    { provide: LOG, useValue: provided.log },
    { provide: Clock, useValue: provided.clock },
    { provide: Ids, useValue: provided.ids },
    { provide: Requests, useValue: provided.requests },
    { provide: News, useValue: provided.news },
    { provide: Health, useValue: provided.health },
    ...(provided.transactor ? [{ provide: Transactor, useValue: provided.transactor }] : []),
  ];
  return {
    module: ChassisModule,
    imports: [DiscoveryModule, own],
    controllers: [HealthController],
    providers,
    exports: providers.map((provider) => (typeof provider === 'function' ? provider : provider.provide)),
  };
}
