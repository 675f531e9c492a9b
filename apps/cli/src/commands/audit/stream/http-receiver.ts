import { postTo, type TlsFiles } from '@interlock/company-side';
import { EXPORT_FORMATS } from '../export-formats.js';
import type { ProvenRow } from '../proven-row.js';
import { ANSWER_HEADER, answerHeader, type Receiver } from './receiver.js';

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
    take: (rows, told) => {
      const { type, body } = bodyOf(rows, format);
      return postTo(to, tls, body, {
        'content-type': type,
        [ANSWER_HEADER]: answerHeader(told),
        ...(authorization !== undefined && { authorization }),
      });
    },
  };
}

function bodyOf(rows: readonly ProvenRow[], format: PushFormat): { type: string; body: Buffer } {
  const lines = rows.map((row) => EXPORT_FORMATS[format].line(row));
  return format === 'cloudevents'
    ? { type: 'application/cloudevents-batch+json', body: Buffer.from(`[${lines.join(',')}]`) }
    : { type: 'application/x-ndjson', body: Buffer.from(lines.join('')) };
}
