import { countDeadLetters } from '../db/dead-letters.js';
import { countWaitingFacts } from '../db/outbox.js';
import type { Transactor } from '../db/transactor.js';
import type { Health } from '../service/health.js';
import type { Metrics } from './metrics.js';

/** Shows what is looked up when asked: what keeps the service from being ready, and what waits in its tables. */
export function showStanding(metrics: Metrics, health: Health, transactor: Transactor | undefined): void {
  metrics.show('troubles', async () =>
    Object.keys(await health.troubles()).map((check) => ({ value: 1, labels: { check } })),
  );
  if (!transactor) return;
  metrics.show('deadLetters', async () => [{ value: await countDeadLetters(transactor) }]);
  metrics.show('factsWaiting', async () => [{ value: await countWaitingFacts(transactor) }]);
}
