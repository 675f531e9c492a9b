import { SERVICES, type ServiceName } from '@interlock/contracts';
import type { EvidenceRecord } from '@interlock/domain';
import { connected } from '../connected.js';
import { appendOpen, type Handled, inOne } from './parked.js';

/** A message that a consumer could not handle, as it was kept. */
export interface Letter {
  readonly service: ServiceName;
  readonly consumer: string;
  readonly eventId: string;
  readonly subject: string;
  readonly reason: string;
  readonly parkedAt: string;
  readonly handledAt: string | null;
  readonly handledHow: string | null;
}

const schemaOf = (service: ServiceName): string => `"${service.replaceAll('-', '_')}"`;
const COLUMNS = `consumer, event_id as "eventId", subject, reason, parked_at::text as "parkedAt", handled_at::text as "handledAt",
  handled_how as "handledHow"`;

/** Dead letters of every service, the oldest first: what nobody dealt with, or all. */
export async function deadLetters(adminUrl: string, all: boolean): Promise<Letter[]> {
  const found: Letter[] = [];
  await connected(adminUrl, async (client) => {
    for (const service of SERVICES) {
      const { rows } = await client.query<Omit<Letter, 'service'>>(
        `select ${COLUMNS} from ${schemaOf(service)}.dead_letters where $1 or handled_at is null order by parked_at limit 1000`,
        [all],
      );
      found.push(...rows.map((row) => ({ service, ...row })));
    }
  });
  return found;
}

/** The bus takes the same event once within this time: sooner, it would be dropped and nobody told. Generously above the window of the streams. */
const NOT_BEFORE = "interval '15 minutes'";

/**
 * Says how a dead letter was dealt with, and with `again` has its sender hand the event to the bus once more: consumers that heard it drop it, this one has not. The
 * letter stays, and what was done is a record of the operator's log in the same transaction.
 */
export const handleLetter = (
  adminUrl: string,
  letter: Pick<Letter, 'service' | 'consumer' | 'eventId'> & { readonly how: string; readonly again: boolean },
  recordFor: (letter: Letter) => EvidenceRecord,
): Promise<Handled> =>
  inOne(adminUrl, async (client) => {
    const { service, consumer, eventId, how, again } = letter;
    const { rows } = await client.query<Omit<Letter, 'service'> & { soon: boolean }>(
      `update ${schemaOf(service)}.dead_letters set handled_at = now(), handled_how = $3 where consumer = $1 and event_id = $2
       returning ${COLUMNS}, parked_at > now() - ${NOT_BEFORE} as soon`,
      [consumer, eventId, how],
    );
    const [row] = rows;
    if (!row) return { why: 'unknown' };
    if (again && row.soon) return { why: 'too_soon' };
    if (again) {
      let sent = 0;
      for (const sender of SERVICES) {
        const taken = await client.query(
          `update ${schemaOf(sender)}.outbox set published_at = null where event_id = $1`,
          [eventId],
        );
        sent += taken.rowCount ?? 0;
      }
      if (sent === 0) return { why: 'forgotten' };
    }
    const { soon: _soon, ...kept } = row;
    const record = recordFor({ service, ...kept });
    await appendOpen(client, record);
    return { record };
  });
