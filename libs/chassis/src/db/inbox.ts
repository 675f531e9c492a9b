import { openTransaction, type Tx } from './tx.js';

/**
 * Takes the delivery of one event by one consumer into this transaction. False if it was handled before:
 * then there is nothing to do but to acknowledge. A second delivery at the same time waits here for the first.
 */
export async function firstDelivery(tx: Tx, consumer: string, eventId: string): Promise<boolean> {
  const open = openTransaction(tx);
  const rows = await open.through('inbox insert', () =>
    open.query('insert into inbox (consumer, event_id) values ($1, $2) on conflict do nothing returning event_id', [
      consumer,
      eventId,
    ]),
  );
  return rows.length === 1;
}
