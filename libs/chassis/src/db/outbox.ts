import { type EventDef, traceparentOf } from '@interlock/contracts';
import { currentTrace } from '../trace/trace.js';
import type { Transactor } from './transactor.js';
import { openTransaction, type Tx } from './tx.js';

/** The server takes messages up to 1 MiB; a fact that comes near that carries an entity, not ids and facts. */
const LARGEST_BODY_BYTES = 256 * 1024;

/**
 * Announces a fact: it leaves for the bus if, and only if, this transaction commits.
 * `id` (`ids.next('evt')`) makes it once at every hearer however often it is sent.
 * Throws if the body does not fit the event's schema or is larger than 256 KiB.
 */
export async function append<Name extends string, Body>(
  tx: Tx,
  event: EventDef<Name, Body>,
  id: string,
  body: Body,
): Promise<void> {
  const open = openTransaction(tx);
  const trace = currentTrace();
  const text = JSON.stringify(event.schema.parse(body));
  if (Buffer.byteLength(text) > LARGEST_BODY_BYTES) throw new Error(`${event.name} is larger than an event may be`);
  await open.through('outbox insert', () =>
    open.query('insert into outbox (event_id, event_name, body, traceparent) values ($1, $2, $3, $4)', [
      id,
      event.name,
      text,
      trace ? traceparentOf(trace) : null,
    ]),
  );
  open.announced = true;
}

/** How many facts are committed and not yet on the bus. */
export function countWaitingFacts(transactor: Transactor): Promise<number> {
  return transactor.run(async (tx) => {
    const [row] = await tx.query<{ count: string }>('select count(*) from outbox where published_at is null');
    return Number(row?.count ?? 0);
  });
}
