import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

export interface StrangersBound {
  /** Connections that have not asked for anything yet, at one time. */
  readonly most: number;
  /** How long one of them may take to ask, from the moment it was taken, in milliseconds. */
  readonly withinMs: number;
  /** Whether it has asked when its head is there, or when the whole body is. */
  readonly asked: 'head' | 'whole';
}

/** How often the server itself looks for requests that take too long: its own half a minute is longer than any deadline here. */
export const CHECK_EVERY = { connectionsCheckingInterval: 1_000 };

/**
 * Bounds the connections of a port that have not asked for anything: silent ones, handshakes and heads that come byte by byte. Each has one deadline that nothing
 * it sends moves, and where there are too many the oldest makes room: whoever comes with a question is served, however many came with none.
 */
export function boundStrangers(server: Server, { most, withinMs, asked }: StrangersBound): void {
  const waiting = new Map<string, { readonly socket: Socket; readonly late: NodeJS.Timeout }>();
  const heard = (name: string) => {
    clearTimeout(waiting.get(name)?.late);
    waiting.delete(name);
  };
  // Under TLS this is the connection below it: the handshake counts too.
  server.on('connection', (socket: Socket) => {
    const name = nameOf(socket);
    waiting.set(name, { socket, late: setTimeout(() => socket.destroy(), withinMs).unref() });
    socket.once('close', () => {
      if (waiting.get(name)?.socket === socket) heard(name);
    });
    const [oldest] = waiting.values();
    if (waiting.size > most) oldest?.socket.destroy();
  });
  server.on('request', (request: IncomingMessage) => {
    const name = nameOf(request.socket);
    if (asked === 'head') heard(name);
    else request.once('end', () => heard(name));
  });
}

const nameOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
