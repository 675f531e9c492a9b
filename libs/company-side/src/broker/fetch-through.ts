import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { Readable } from 'node:stream';
import { connect } from 'node:tls';
import { connectThrough, type HttpProxy } from '../tunnel/dial-relay.js';

export interface ProxiedRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly body?: Buffer;
}

const WITHOUT_BODY = [204, 205, 304];

/**
 * One request over a connection that an HTTP proxy opened (CONNECT, RFC 9110 9.3.6). With https the proxy carries ciphertext alone: the name
 * in the server's certificate is checked as it is without a proxy. Follows no redirect. Throws where proxy or server do not answer.
 */
export async function fetchThrough(proxy: HttpProxy, url: URL, asked: ProxiedRequest): Promise<Response> {
  const secure = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const raw = await connectThrough(proxy, { host, port }, asked.signal);
  raw.on('error', () => undefined);
  const socket: Duplex = secure ? connect({ socket: raw, servername: host, ALPNProtocols: ['http/1.1'] }) : raw;
  const { method, signal, headers, body } = asked;
  const sent = request({
    ...{ method, signal, path: `${url.pathname}${url.search}`, createConnection: () => socket },
    headers: { ...headers, host: url.host, connection: 'close', ...(body && { 'content-length': body.length }) },
  });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const status = answer.statusCode ?? 502;
  const stream = WITHOUT_BODY.includes(status) ? null : (Readable.toWeb(answer) as ReadableStream<Uint8Array>);
  return new Response(stream, { status });
}
