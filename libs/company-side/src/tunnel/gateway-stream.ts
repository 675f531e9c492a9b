import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { GatewayTunnelFrame, TunnelRefusalCode } from '@interlock/contracts';
import { allow, type Decision, refuse } from '@interlock/domain';
import type { CutSet } from './cut-set.js';
import { dialRelay, type RelayCall } from './dial-relay.js';
import { filteredSplice, type StreamFilter } from './filtered-splice.js';
import { holdEnd } from './hold-end.js';
import { type PinnedPeer, secureAsGateway } from './pinned-tls.js';
import { SOCKET_BUFFER_BYTES, splice } from './splice.js';
import type { TunnelLimits } from './tunnel-limits.js';

/** Where a declared service listens, from the gateway's own list. Nothing the remote side said is in it. */
export interface MachineAddress {
  readonly host: string;
  readonly port: number;
  /** The local address to dial from: it says which of two equal addresses is meant. */
  readonly from?: string | undefined;
  /** Lets only some of the service's protocol pass. */
  readonly filter?: StreamFilter;
}

export interface GatewayStreamCall {
  readonly call: RelayCall & { readonly signal: AbortSignal };
  readonly peer: PinnedPeer;
  readonly machine: MachineAddress;
  readonly cut: CutSet;
  readonly limits: TunnelLimits;
  readonly say: (frame: GatewayTunnelFrame) => void;
  readonly onBytes: (bytes: number) => void;
}

export interface GatewayStream {
  /** The connector's count of what it sent on this stream. */
  confirm(bytes: number): void;
  /** Settles when machine and tunnel are both closed. */
  readonly closed: Promise<unknown>;
}

/**
 * Opens one stream: the machine first, so that `opened` means it answered, while the connector already comes to the relay. Bytes flow
 * only after the connector proved its key on this very connection. Whatever fails, no socket is left.
 */
export async function openGatewayStream(asked: GatewayStreamCall): Promise<Decision<GatewayStream, TunnelRefusalCode>> {
  const abort = new AbortController();
  const signal = AbortSignal.any([asked.call.signal, abort.signal]);
  const relayed = dialRelay({ ...asked.call, signal });
  const machine = await dialMachine(asked.machine, asked.limits.connectMs, signal);
  if (!machine) {
    abort.abort();
    await relayed;
    return refuse('service_unreachable');
  }
  asked.cut.add(machine);
  asked.say({ t: 'opened', stream: asked.call.stream });
  const raw = await relayed;
  const tunnel = raw.allowed
    ? await secureAsGateway(raw.value, asked.peer, asked.call, asked.cut)
    : refuse('stream_failed');
  if (tunnel.allowed) return allow(carry(tunnel.value, machine, asked));
  machine.resetAndDestroy();
  return tunnel;
}

function carry(tunnel: TLSSocket, machine: Socket, asked: GatewayStreamCall): GatewayStream {
  const { stream } = asked.call;
  const confirm = holdEnd(tunnel, asked.limits.confirmMs);
  tunnel.once('finish', () => asked.say({ t: 'ended', stream, bytes: tunnel.bytesWritten }));
  const closed = Promise.all([closedOf(tunnel), closedOf(machine)]);
  const { filter } = asked.machine;
  if (filter) filteredSplice(tunnel, machine, filter, { onBytes: asked.onBytes });
  else splice(tunnel, machine, { onBytes: asked.onBytes });
  return { confirm, closed };
}

/** Unlike `once`, a fault on the way is no rejection. */
const closedOf = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()));

/** Undefined where the machine did not answer in time, or the session ended meanwhile. */
async function dialMachine(to: MachineAddress, connectMs: number, signal: AbortSignal): Promise<Socket | undefined> {
  const place = { host: to.host, port: to.port, ...(to.from !== undefined && { localAddress: to.from }) };
  const options = { ...place, allowHalfOpen: true, noDelay: true, highWaterMark: SOCKET_BUFFER_BYTES };
  const socket = connect(options);
  socket.on('error', () => undefined);
  try {
    await once(socket, 'connect', { signal: AbortSignal.any([signal, AbortSignal.timeout(connectMs)]) });
    return socket;
  } catch {
    socket.destroy();
    return undefined;
  }
}
