import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';

/** What became of what was handed over: taken for good, or not, and why; `smaller` where less at once might be taken. */
export type Taken =
  | { readonly taken: true }
  | {
      readonly taken: false;
      readonly why: string;
      readonly waitMs?: number;
      readonly smaller?: boolean;
      readonly status?: number;
    };

/** How a receiver is reached over TLS: whom we believe, and who we are. PEM. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** A receiver that says nothing for so long did not take it. Milliseconds. */
export const SILENT_FOR = 30_000;

/** Who asks to be left alone for longer is asked again all the same: a timer holds no more than 24 days, and one that overflows waits not at all. Milliseconds. */
const LONGEST_ASKED = 3_600_000;

export const TAKEN: Taken = { taken: true };
export const notTaken = (why: string, more: { waitMs?: number; smaller?: boolean; status?: number } = {}): Taken => ({
  taken: false,
  why,
  ...more,
});

/** One POST. Only a 2xx means that it was taken; a redirect does not, for the address is what the person who gave it wrote. */
export function postTo(
  to: URL,
  tls: TlsFiles,
  body: Buffer,
  headers: Readonly<Record<string, string>>,
): Promise<Taken> {
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
        const waitMs = Number.isFinite(retry) && retry > 0 ? { waitMs: Math.min(retry * 1_000, LONGEST_ASKED) } : {};
        resolve(notTaken(`it answered ${status}`, { ...waitMs, smaller: status === 413, status }));
      });
      response.once('error', (error) => resolve(notTaken(error.message)));
    });
    sent.once('timeout', () => sent.destroy(new Error(`no answer for ${SILENT_FOR / 1_000} s`)));
    sent.once('error', (error) => resolve(notTaken(error.message || String(error))));
    sent.end(body);
  });
}
