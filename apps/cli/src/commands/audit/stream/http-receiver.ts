import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { EXPORT_FORMATS } from '../export-formats.js';
import type { ProvenRow } from '../proven-row.js';
import { notTaken, type Receiver, SILENT_FOR, TAKEN, type Taken, type TlsFiles } from './receiver.js';

export const PUSH_FORMATS = ['ndjson', 'ocsf', 'cloudevents'] as const;
export type PushFormat = (typeof PUSH_FORMATS)[number];

/**
 * Pushes each batch as one POST: JSON lines, or a CloudEvents batch (CloudEvents HTTP binding 1.0.2, 3.3). Only a 2xx means that it was
 * taken; a redirect does not, for the receiver's address is what the person who started the stream wrote.
 *
 * @param authorization the value of the header of that name
 */
export function httpReceiver(to: URL, format: PushFormat, tls: TlsFiles, authorization?: string): Receiver {
  return {
    take: (rows) => {
      const { type, body } = bodyOf(rows, format);
      return post(to, tls, body, { 'content-type': type, ...(authorization !== undefined && { authorization }) });
    },
  };
}

function bodyOf(rows: readonly ProvenRow[], format: PushFormat): { type: string; body: Buffer } {
  const lines = rows.map((row) => EXPORT_FORMATS[format].line(row));
  return format === 'cloudevents'
    ? { type: 'application/cloudevents-batch+json', body: Buffer.from(`[${lines.join(',')}]`) }
    : { type: 'application/x-ndjson', body: Buffer.from(lines.join('')) };
}

function post(to: URL, tls: TlsFiles, body: Buffer, headers: Readonly<Record<string, string>>): Promise<Taken> {
  return new Promise((resolve) => {
    const send = to.protocol === 'https:' ? tlsRequest : plainRequest;
    const options = { method: 'POST', headers: { ...headers, 'content-length': body.length }, timeout: SILENT_FOR };
    const sent = send(to, { ...options, ...tls }, (response) => {
      response.resume();
      const { statusCode: status = 0 } = response;
      const retry = Number(response.headers['retry-after']);
      // The answer counts once its body was whole: a connection that breaks inside it may be a receiver that dies.
      response.once('end', () => {
        if (status >= 200 && status < 300) return resolve(TAKEN);
        const waitMs = Number.isFinite(retry) && retry > 0 ? { waitMs: retry * 1_000 } : {};
        resolve(notTaken(`it answered ${status}`, { ...waitMs, smaller: status === 413 }));
      });
      response.once('error', (error) => resolve(notTaken(error.message)));
    });
    sent.once('timeout', () => sent.destroy(new Error(`no answer for ${SILENT_FOR / 1_000} s`)));
    sent.once('error', (error) => resolve(notTaken(error.message || String(error))));
    sent.end(body);
  });
}
