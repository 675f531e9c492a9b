import type { Clock, Ids, News } from '@interlock/chassis';
import type { Transactor } from '@interlock/chassis/db';
import type { EvidencePlace } from '@interlock/domain';
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
  /** Where this installation keeps evidence; undefined where its operator did not say. */
  readonly evidencePlace: EvidencePlace | undefined;
}
