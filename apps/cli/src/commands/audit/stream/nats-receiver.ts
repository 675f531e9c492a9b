import { isIP } from 'node:net';
import { notTaken, TAKEN, type Taken, type TlsFiles } from '@interlock/company-side';
import { type JetStreamClient, jetstream } from '@nats-io/jetstream';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import { EXPORT_FORMATS } from '../export-formats.js';
import type { ProvenRow } from '../proven-row.js';
import type { PushFormat } from './http-receiver.js';
import { ANSWER_HEADER, answerHeader, type Receiver, subjectOf, type Told } from './receiver.js';

/** How long a server may take to say that it keeps a row. Milliseconds. */
const ACKED_WITHIN = 10_000;

/**
 * Publishes each row as one message of a JetStream, under the id of its record: a stream keeps what comes again within its window once (Nats-Msg-Id). A batch counts as taken when
 * the stream has acknowledged every row of it; a server without a stream for the subject has taken nothing.
 *
 * @param to its path is the subject
 */
export function natsReceiver(to: URL, format: PushFormat, tls: TlsFiles, token?: string): Receiver {
  let open: NatsConnection | undefined;
  const stream = async (): Promise<JetStreamClient> => {
    if (open?.isClosed() !== false) {
      open = await connect({
        servers: `${to.hostname}:${to.port || 4222}`,
        reconnect: false,
        timeout: ACKED_WITHIN,
        // A certificate for an IP address is compared with that address, one for a name by the client itself.
        ...(to.protocol === 'nats+tls:' && { tls: { ...(isIP(hostOf(to)) && { host: hostOf(to) }), ...tls } }),
        ...(token !== undefined && { token }),
      });
    }
    return jetstream(open, { timeout: ACKED_WITHIN });
  };
  const close = async () => {
    const had = open;
    open = undefined;
    await had?.close().catch(() => undefined);
  };
  return {
    close,
    take: async (rows, told) => {
      try {
        return await kept(await stream(), subjectOf(to), rows, format, told);
      } catch (cause) {
        // What is open may be half of a server that went away: the next try begins anew.
        await close();
        return notTaken(cause instanceof Error ? cause.message || cause.name : String(cause));
      }
    },
  };
}

const hostOf = (to: URL): string => to.hostname.replace(/^\[(.*)\]$/, '$1');

async function kept(
  stream: JetStreamClient,
  subject: string,
  rows: readonly ProvenRow[],
  format: PushFormat,
  told: Told,
): Promise<Taken> {
  const answer = answerHeader(told);
  await Promise.all(
    rows.map((row) => {
      const said = headers();
      said.set(ANSWER_HEADER, answer);
      return stream.publish(subject, EXPORT_FORMATS[format].line(row).trimEnd(), {
        msgID: row.record.id,
        headers: said,
      });
    }),
  );
  return TAKEN;
}
