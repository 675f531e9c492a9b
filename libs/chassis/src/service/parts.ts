import type { NatsConnection } from '@nats-io/transport-node';
import type { News } from '../bus/news.js';
import type { Requests } from '../bus/requests.js';
import type { Clock } from '../clock.js';
import type { Transactor } from '../db/transactor.js';
import type { Ids } from '../ids.js';
import type { Log } from '../log/logger.js';
import type { Metrics } from '../metrics/metrics.js';
import type { ThroughStep } from '../steps.js';
import type { Tracer } from '../trace/trace.js';
import type { Closers } from './closers.js';
import type { Health } from './health.js';

/** What a start has in its hands from the beginning. */
export interface Bench {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly through: ThroughStep;
  readonly log: Log;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly closers: Closers;
  readonly tracer: Tracer;
}

/** What a service runs on, once everything is open. */
export interface Parts extends Bench {
  readonly settings: object;
  readonly bus: NatsConnection;
  readonly requests: Requests;
  readonly news: News;
  readonly transactor: Transactor | undefined;
}
