import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import {
  RELAY_ANSWER_MAX_BYTES,
  type RelayRefusalCode,
  type RelayRequest,
  relayAnswer,
  type TunnelRole,
} from '@interlock/contracts';
import { allow, type Decision, refuse } from '@interlock/domain';
import { reset, SOCKET_BUFFER_BYTES } from './splice.js';
import { takeLine } from './take-line.js';

export interface RelayAddress {
  readonly host: string;
  readonly port: number;
}

/** An HTTP proxy that lets CONNECT through (RFC 9110 9.3.6). `authorization` is the value of Proxy-Authorization. */
export interface HttpProxy extends RelayAddress {
  readonly authorization?: string;
}

export interface RelayCall extends RelayAddress {
  readonly rendezvous: string;
  readonly stream: number;
  readonly role: TunnelRole;
  /** Ends the call wherever it is; the socket is destroyed. */
  readonly signal?: AbortSignal;
  readonly proxy?: HttpProxy;
  /** How long the TCP connection may take. */
  readonly connectMs?: number;
  /** How long the other end may let us wait. */
  readonly waitMs?: number;
}

const CONNECT_MS = 5_000;
const WAIT_MS = 30_000;
const KEEPALIVE_MS = 15_000;

/**
 * Dials a relay and takes the place of one end of one stream. Resolves, to a paused socket, when the other end is there: it carries what
 * both say, and a relay is believed in nothing. A relay that does not answer, answers something else, or an aborted call is
 * `relay_unreachable`; the relay's own refusals keep their codes. Never throws.
 */
export async function dialRelay(call: RelayCall): Promise<Decision<Socket, RelayRefusalCode | 'relay_unreachable'>> {
  const signal = call.signal ?? new AbortController().signal;
  let socket: Socket | undefined;
  try {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(call.connectMs ?? CONNECT_MS)]);
    socket = await (call.proxy ? connectThrough(call.proxy, call, deadline) : connectTo(call, deadline));
    return await askForPartner(socket, call, signal);
  } catch (cause) {
    socket?.destroy();
    return refuse('relay_unreachable', { detail: cause instanceof Error ? cause.message : 'dialling failed' });
  }
}

async function askForPartner(socket: Socket, call: RelayCall, signal: AbortSignal) {
  const hangUp = () => reset(socket);
  signal.addEventListener('abort', hangUp, { once: true });
  // Stays for the socket's whole life: a fault of the network is never an uncaught exception.
  socket.on('error', () => undefined);
  const { rendezvous, stream, role } = call;
  const asked: RelayRequest = { v: 1, rendezvous, stream, role };
  socket.write(`${JSON.stringify(asked)}\n`);
  const taken = await takeLine(socket, RELAY_ANSWER_MAX_BYTES, call.waitMs ?? WAIT_MS);
  signal.removeEventListener('abort', hangUp);
  const answer = 'line' in taken ? relayAnswer.safeParse(parseJson(taken.line)).data : undefined;
  if (answer?.ok && 'rest' in taken) {
    // The peer's handshake may have come in the same packet as the answer.
    if (taken.rest.length > 0) socket.unshift(taken.rest);
    return allow(socket);
  }
  reset(socket);
  return refuse(answer && !answer.ok ? answer.code : 'relay_unreachable');
}

async function connectTo(to: RelayAddress, signal: AbortSignal): Promise<Socket> {
  const socket = dial(to);
  await connected(socket, signal);
  return socket;
}

/** A connection to `to` that the proxy opened. Throws where it does not; an abort leaves no socket behind. */
export async function connectThrough(proxy: HttpProxy, to: RelayAddress, signal: AbortSignal): Promise<Socket> {
  const socket = dial(proxy);
  await connected(socket, signal);
  const target = `${to.host.includes(':') ? `[${to.host}]` : to.host}:${to.port}`;
  const asked = request({
    method: 'CONNECT',
    path: target,
    headers: { host: target, ...(proxy.authorization ? { 'proxy-authorization': proxy.authorization } : {}) },
    createConnection: () => socket,
    signal,
  });
  asked.on('response', (answer) => asked.destroy(new Error(`the proxy answered ${answer.statusCode}`)));
  asked.end();
  const [answer, , head] = await once(asked, 'connect');
  if (answer.statusCode !== 200) {
    socket.destroy();
    throw new Error(`the proxy answered ${answer.statusCode}`);
  }
  if (head.length > 0) socket.unshift(head);
  return socket;
}

function dial(to: RelayAddress): Socket {
  const options = { host: to.host, port: to.port, allowHalfOpen: true, highWaterMark: SOCKET_BUFFER_BYTES };
  const socket = connect({ ...options, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEPALIVE_MS });
  return socket;
}

/** Waits for the connection; an abort or a failure leaves no socket behind. */
async function connected(socket: Socket, signal: AbortSignal): Promise<void> {
  try {
    await once(socket, 'connect', { signal });
  } catch (cause) {
    socket.on('error', () => undefined).destroy();
    throw cause;
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
