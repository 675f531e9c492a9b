import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Leaf, type Log, peerThumbprint } from '@interlock/company-side';
import { REFUSALS, type RefusalCode } from '@interlock/contracts';
import { allow, type Decision, LARGEST_EVENT, type Refusal, refuse, type Thumbprint } from '@interlock/domain';
import { boundStrangers, CHECK_EVERY } from '../bound-strangers.js';
import type { Taker } from './take-push.js';

export interface DoorOptions {
  readonly host: string;
  readonly port: number;
  readonly leaf: () => Leaf;
  readonly taker: Taker;
  readonly log: Log;
}

export interface Door {
  readonly port: number;
  close(): Promise<void>;
}

const MOST_CONNECTIONS = 256;
/** Pushes of one presenter that wait for the disk at one time. */
const MOST_AT_ONCE = 128;
const RENEW_EVERY = 3_600_000;
const COME_AGAIN_SECONDS = '1';
const unzip = promisify(gunzip);

/**
 * The plant's door for whoever pushes data: HTTPS, TLS 1.3, and a client key that a party of an agreement certified. Everything is bounded before
 * anybody is known; what was answered `accepted` is on the disk.
 */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const { cert, key } = options.leaf();
  // Who comes is known by its key; a certificate only carries it, so no authority is asked about it.
  const tls = { cert, key, minVersion: 'TLSv1.3', requestCert: true, rejectUnauthorized: false } as const;
  const http = { requestTimeout: 10_000, headersTimeout: 5_000, handshakeTimeout: 5_000, ...CHECK_EVERY };
  const under = new Map<Thumbprint, number>();
  const server = createServer({ ...tls, ...http }, (request, response) => {
    serve(options, under, request, response).catch((cause: unknown) => {
      options.log.error({ event: 'push.fault' }, 'a push could not be handled', cause);
      send(response, 500, { title: 'The push could not be handled; push it again', status: 500 });
    });
  });
  server.maxConnections = MOST_CONNECTIONS;
  boundStrangers(server, { most: MOST_CONNECTIONS / 2, withinMs: 10_000, asked: 'head' });
  server.on('tlsClientError', (_fault, socket) => socket.destroy());
  await listen(server, options);
  const renew = setInterval(() => server.setSecureContext({ ...tls, ...options.leaf() }), RENEW_EVERY).unref();
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    close: async () => {
      clearInterval(renew);
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

const listen = (server: Server, { host, port }: DoorOptions): Promise<void> =>
  new Promise((resolve, reject) => server.once('error', reject).listen(port, host, resolve));

async function serve(
  { taker }: DoorOptions,
  under: Map<Thumbprint, number>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const leaf = peerThumbprint(request.socket as TLSSocket);
  if (!leaf) return refused(response, { code: 'caller_unknown' });
  if (request.method !== 'POST') return refused(response, { code: 'not_a_party' });
  const count = under.get(leaf) ?? 0;
  if (count >= MOST_AT_ONCE) return refused(response, { code: 'rate_limited' });
  under.set(leaf, count + 1);
  try {
    const body = await bodyOf(request);
    if (!body.allowed) return refused(response, body.refusal);
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
    );
    const answer = await taker.take({ path: request.url ?? '', headers, body: body.value }, leaf);
    if (!answer.allowed) return refused(response, answer.refusal);
    send(response, statusOf(answer.value.events.map((one) => one.code)), answer.value);
  } finally {
    const left = (under.get(leaf) ?? 1) - 1;
    if (left > 0) under.set(leaf, left);
    else under.delete(leaf);
  }
}

const TAKEN = new Set(['accepted', 'repeated']);

/** One event has the status of its outcome; of several that differ, 207. What waits here makes the whole push come again. */
function statusOf(codes: readonly string[]): number {
  const statuses = codes.map((code) => (TAKEN.has(code) ? 200 : (REFUSALS[code as RefusalCode]?.status ?? 400)));
  if (statuses.includes(503)) return 503;
  const [first = 200] = statuses;
  return statuses.every((status) => status === first) ? first : 207;
}

/** The whole body, decompressed; refused as soon as it is larger than an event may be. */
async function bodyOf(request: IncomingMessage): Promise<Decision<Uint8Array>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LARGEST_EVENT) return refuse('event_too_large');
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return allow(body);
  if (encoding !== 'gzip') return refuse('encoding_unsupported', { clause: encoding.slice(0, 40) });
  try {
    return allow(await unzip(body, { maxOutputLength: LARGEST_EVENT }));
  } catch (cause) {
    const tooLarge = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    return tooLarge ? refuse('event_too_large') : refuse('encoding_unsupported', { clause: 'gzip' });
  }
}

function refused(response: ServerResponse, { code, clause }: Refusal): void {
  const { title, status } = REFUSALS[code as RefusalCode] ?? REFUSALS.malformed;
  // The rest of a body that was not read must not be taken for the next request.
  if (!response.req.complete) response.setHeader('connection', 'close');
  send(response, status, { type: 'about:blank', title, status, code, ...(clause !== undefined && { clause }) });
}

function send(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent) return;
  if (status === 503 || status === 429) response.setHeader('retry-after', COME_AGAIN_SECONDS);
  const type = 'title' in body ? 'application/problem+json' : 'application/json';
  response.writeHead(status, { 'content-type': type });
  response.end(`${JSON.stringify(body)}\n`);
}
