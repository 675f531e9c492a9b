import type { Clock, Ids, News } from '@interlock/chassis';
import type { Transactor } from '@interlock/chassis/db';
import type { RememberedRings } from '@interlock/proof';

/** What every verb of this service works with. */
export interface Verbs {
  readonly transactor: Transactor;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly news: News;
  readonly rings: RememberedRings;
  /** How many organisations may register here: registering needs nothing but a key. */
  readonly mostOrganisations: number;
}
