import type { Clock, Ids, Log, News, Requests } from '@interlock/chassis';
import type { Transactor } from '@interlock/chassis/db';
import type { RememberedRings, Signer } from '@interlock/proof';
import type { RepeatedRefusals } from './commands/repeated-refusals.js';

/** What every verb of this service works with. */
export interface Verbs {
  readonly transactor: Transactor;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly news: News;
  readonly requests: Requests;
  readonly log: Log;
  readonly rings: RememberedRings;
  readonly refusals: RepeatedRefusals;
  /** Signs tickets; the broker's only key here. It admits, and proves nothing else. */
  readonly ticketSigner: Signer;
  /** Origin under which the broker is known to gateways and connectors. */
  readonly origin: string;
  readonly relays: readonly { readonly host: string; readonly port: number }[];
}
