import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { REFUSALS, type RefusalCode } from '@interlock/contracts';
import { z } from 'zod';
import type { KeptBatches } from './kept-batches.js';
import type { Positions } from './positions.js';

export interface ServeOptions {
  readonly kept: KeptBatches;
  readonly positions: Positions;
  readonly port: number;
  /** What a reader shows in its `authorization` header. */
  readonly token: string;
}

export interface BatchServer {
  readonly port: number;
  close(): Promise<void>;
}

const MOST_BODY = 4_096;
const READER = /^\/v1\/readers\/([a-z0-9][a-z0-9-]{0,62})(\/batches)?$/;
const count = (most: number, otherwise: number) => z.coerce.number().int().min(0).max(most).default(otherwise);
const asked = z.strictObject({
  after: z.coerce.number().int().min(-1).optional(),
  most: count(1_000, 100),
  wait: count(30, 0),
});
const move = z.strictObject({ position: z.number().int().min(0) });

/** A reader, how far it has taken what is kept, and how much it has not. */
export interface Reader {
  readonly reader: string;
  readonly position: number;
  readonly lag: number;
  /** How long the oldest batch that it has not taken has been here. Milliseconds; 0 where it has taken all. */
  readonly lagMilliseconds: number;
}

export function readersOf(kept: KeptBatches, positions: Positions, now: number): readonly Reader[] {
  return [...positions.all].map(([reader, position]) => {
    const oldest = kept.read(position, 1)[0];
    const lag = Math.max(0, kept.next - Math.max(position, kept.first));
    return { reader, position, lag, lagMilliseconds: oldest ? Math.max(0, now - oldest.keptAt) : 0 };
  });
}

/**
 * Gives what is kept to programs on this machine: `GET /v1/batches?after=N&most=N&wait=SECONDS` answers NDJSON, one batch a line, and in
 * `interlock-next` the `after` of the next question. A named reader has a position of its own, which only it moves: back, to have all of it again
 * that is still kept.
 */
export async function serveBatches(options: ServeOptions): Promise<BatchServer> {
  const ended = new AbortController();
  const server = createServer((request, response) => {
    answer(options, request, response, ended.signal).catch(() => {
      if (!response.headersSent) refused(response, 'malformed');
      response.destroy();
    });
  });
  server.maxConnections = 64;
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    close: async () => {
      ended.abort();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

async function answer(
  options: ServeOptions,
  request: IncomingMessage,
  response: ServerResponse,
  ended: AbortSignal,
): Promise<void> {
  const { kept, positions } = options;
  if (!isBearer(request, options.token)) return refused(response, 'caller_unknown');
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const [, reader, batches] = READER.exec(url.pathname) ?? [];
  if (request.method === 'PUT' && reader !== undefined && !batches) return moved(options, reader, request, response);
  if (request.method !== 'GET') return refused(response, 'not_a_party');
  if (url.pathname === '/v1/readers') {
    const { first, next } = kept;
    return send(response, 200, { first, next, readers: readersOf(kept, positions, Date.now()) });
  }
  const isAll = url.pathname === '/v1/batches';
  if (!isAll && !(reader !== undefined && batches)) return refused(response, 'not_a_party');
  const query = asked.safeParse(Object.fromEntries(url.searchParams));
  if (!query.success) return refused(response, 'malformed', query.error.issues[0]?.path.join('.'));
  const { after, most, wait } = query.data;
  if (!isAll && after !== undefined) return refused(response, 'malformed', 'after');
  const from = isAll ? (after ?? kept.first - 1) + 1 : (positions.of(reader ?? '') ?? kept.first);
  // A reader that was away for longer than data is kept must be told, or it would not know of its hole.
  if (from < kept.first) return refused(response, 'no_longer_kept', String(kept.first));
  if (kept.next <= from && wait > 0) await somethingCame(kept, wait, request, ended);
  const found = kept.read(from, most);
  const next = (found.at(-1)?.offset ?? from - 1) + (isAll ? 0 : 1);
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'interlock-next': String(next) });
  response.end(found.map((one) => `${JSON.stringify(one)}\n`).join(''));
}

async function moved(
  { kept, positions }: ServeOptions,
  reader: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let body = '';
  for await (const chunk of request) {
    body += String(chunk);
    if (body.length > MOST_BODY) return refused(response, 'too_large');
  }
  const read = move.safeParse(jsonOf(body));
  if (!read.success || read.data.position > kept.next) return refused(response, 'malformed', 'position');
  if (read.data.position < kept.first) return refused(response, 'no_longer_kept', String(kept.first));
  positions.move(reader, read.data.position);
  return send(response, 200, { reader, position: read.data.position });
}

/** Resolves when a batch was kept, after so many seconds, or when nobody waits any more. */
function somethingCame(
  kept: KeptBatches,
  seconds: number,
  request: IncomingMessage,
  ended: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      forget();
      request.socket.off('close', done);
      ended.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, seconds * 1_000);
    const forget = kept.onKept(done);
    request.socket.once('close', done);
    ended.addEventListener('abort', done);
  });
}

function isBearer({ headers }: IncomingMessage, token: string): boolean {
  const [shown, wanted] = [Buffer.from(headers.authorization ?? ''), Buffer.from(`Bearer ${token}`)];
  return shown.length === wanted.length && timingSafeEqual(shown, wanted);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refused(response: ServerResponse, code: RefusalCode, clause?: string): void {
  const { title, status } = REFUSALS[code];
  if (!response.req.complete) response.setHeader('connection', 'close');
  send(response, status, { type: 'about:blank', title, status, code, ...(clause !== undefined && { clause }) });
}

function send(response: ServerResponse, status: number, body: object): void {
  const type = 'title' in body ? 'application/problem+json' : 'application/json';
  response.writeHead(status, { 'content-type': type });
  response.end(`${JSON.stringify(body)}\n`);
}
