import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A login that this program began: where the browser is sent, and what redeems the code it brings back. */
export interface BegunLogin {
  /** Where the person goes. */
  readonly address: string;
  readonly verifier: string;
  /** The code, once the browser has brought it; rejects when nobody came in time or the answer was a no. */
  readonly code: Promise<string>;
  close(): void;
}

const PAGE = 'text/plain; charset=utf-8';

/**
 * Begins a login by browser (RFC 8252): waits on this computer's loopback address for the one answer that carries this login's state.
 * `begin` is the agent's address for it; `more` are parameters of what is asked for. `patience` in milliseconds.
 */
export async function beginLogin(
  begin: URL,
  more: Readonly<Record<string, string>>,
  patience = 300_000,
): Promise<BegunLogin> {
  const [state, verifier] = [randomBytes(24).toString('base64url'), randomBytes(48).toString('base64url')];
  let settle: { readonly got: (code: string) => void; readonly failed: (error: Error) => void } | undefined;
  const code = new Promise<string>((got, failed) => (settle = { got, failed }));
  // Whoever only wants to close the listener must not be ended by an answer that never came.
  code.catch(() => undefined);
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    const found = codeIn(request, state);
    reply(response, found);
    if (found !== undefined) settle?.got(found);
  });
  server.maxConnections = 16;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const late = setTimeout(() => settle?.failed(new Error('nobody finished the login in time; begin again')), patience);
  const close = () => {
    clearTimeout(late);
    server.close();
    server.closeAllConnections();
  };
  const address = new URL(begin);
  address.search = new URLSearchParams({
    ...more,
    redirect_uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/answer`,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  return { address: address.href, verifier, code, close };
}

/** Another page of the browser may call this port too; only the answer with this login's own state counts. */
function codeIn(request: IncomingMessage, state: string): string | undefined {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const given = Buffer.from(url.searchParams.get('state') ?? '');
  const wanted = Buffer.from(state);
  const ours = url.pathname === '/answer' && given.length === wanted.length && timingSafeEqual(given, wanted);
  return ours && request.method === 'GET' ? (url.searchParams.get('code') ?? undefined) : undefined;
}

function reply(response: ServerResponse, code: string | undefined): void {
  const words =
    code === undefined ? 'This is not the answer to the login that was begun.\n' : 'Done. You can close this page.\n';
  response.writeHead(code === undefined ? 400 : 200, { 'content-type': PAGE, connection: 'close' });
  response.end(words);
}
