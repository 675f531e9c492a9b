import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { REFUSALS, type RefusalCode } from '@interlock/contracts';
import { type Scanning, scanBytes } from './scan-bytes.js';

export interface Serving {
  /** Deliveries being looked at now. */
  under(): number;
  close(): Promise<void>;
}

/** Deliveries that are looked at together; each may take as much memory as may come out of it. */
const MOST_AT_ONCE = 4;
const MOST_CONNECTIONS = 64;

/**
 * Answers `POST /v1/scan` (bytes as they are delivered; `content-encoding` as they were encoded) with a verdict on a unix socket that its user alone may
 * open. Not clean is an answer, 200; a question that cannot be taken is a problem (RFC 9457).
 */
export async function serveScans(scanning: Scanning, socket: string): Promise<Serving> {
  let under = 0;
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 5_000 }, (request, response) => {
    if (request.method !== 'POST' || request.url !== '/v1/scan') return problem(response, 'not_a_party');
    if (under >= MOST_AT_ONCE) return problem(response, 'rate_limited');
    under += 1;
    answer(scanning, request, response)
      .catch(() => problem(response, 'malformed'))
      .finally(() => {
        under -= 1;
      });
  });
  server.maxConnections = MOST_CONNECTIONS;
  // A socket that an ended process left behind would keep this one from listening.
  rmSync(socket, { force: true });
  const before = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socket, resolve));
  } finally {
    process.umask(before);
  }
  return {
    under: () => under,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

async function answer(scanning: Scanning, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > scanning.bounds.memberBytes) return problem(response, 'too_large');
    chunks.push(chunk);
  }
  const encodings = (request.headers['content-encoding'] ?? '').toLowerCase().split(',');
  const named = encodings.map((one) => one.trim()).filter((one) => one !== '');
  send(response, 200, await scanBytes(scanning, Buffer.concat(chunks), named));
}

function problem(response: ServerResponse, code: RefusalCode): void {
  const { title, status } = REFUSALS[code];
  // The rest of a body that was not read must not be taken for the next request.
  if (!response.req.complete) response.setHeader('connection', 'close');
  if (status === 429) response.setHeader('retry-after', '1');
  send(response, status, { type: 'about:blank', title, status, code });
}

function send(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent) return;
  const type = 'title' in body ? 'application/problem+json' : 'application/json';
  response.writeHead(status, { 'content-type': type });
  response.end(`${JSON.stringify(body)}\n`);
}
