import type { Clock, Ids, Log, Requests } from '@interlock/chassis';
import type { Transactor } from '@interlock/chassis/db';
import type { EpochSeconds } from '@interlock/domain';
import type { Regions } from './regions/regions.js';

/** What every verb of this service works with. */
export interface Verbs {
  readonly transactor: Transactor;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly requests: Requests;
  readonly log: Log;
  readonly regions: Regions;
  /** Most bytes kept for one flow in one region. */
  readonly flowBytes: number;
  /** Life of a bus user's JWT. Seconds. */
  readonly userSeconds: number;
  /** How often everything is looked at without any news. Milliseconds. */
  readonly checkEveryMs: number;
}

/** The clock as JWTs count. */
export const seconds = (verbs: { readonly clock: Clock }): EpochSeconds => Math.floor(verbs.clock.now() / 1_000);
