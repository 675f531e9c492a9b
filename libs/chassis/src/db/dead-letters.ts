import type { Transactor } from './transactor.js';
import type { Tx } from './tx.js';

/** A message that can never be handled, kept as it came. */
export interface DeadLetter {
  readonly consumer: string;
  readonly eventId: string;
  readonly subject: string;
  readonly body: Uint8Array;
  /** Why, in words of ours; it carries no value of the message. */
  readonly reason: string;
}

/** Parks a message for good; parking it twice keeps one, which wants a person again. The caller settles it with the bus only after the commit. */
export async function park(tx: Tx, letter: DeadLetter): Promise<void> {
  await tx.query(
    `insert into dead_letters (consumer, event_id, subject, body, reason) values ($1, $2, $3, $4, $5)
     on conflict (consumer, event_id) do update set handled_at = null`,
    [letter.consumer, letter.eventId, letter.subject, Buffer.from(letter.body), letter.reason],
  );
}

/** How many messages are parked and nobody dealt with; anything but 0 wants a person. */
export function countDeadLetters(transactor: Transactor): Promise<number> {
  return transactor.run(async (tx) => {
    const [row] = await tx.query<{ count: string }>('select count(*) from dead_letters where handled_at is null');
    return Number(row?.count ?? 0);
  });
}

/** What is parked, oldest first, at most `limit`. */
export function listDeadLetters(transactor: Transactor, limit = 100): Promise<DeadLetter[]> {
  return transactor.run((tx) =>
    tx.query<DeadLetter>(
      `select consumer, event_id as "eventId", subject, body, reason from dead_letters order by parked_at limit $1`,
      [limit],
    ),
  );
}
