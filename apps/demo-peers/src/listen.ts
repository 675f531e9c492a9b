import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';

export interface Listening {
  readonly port: number;
  /** Stops accepting and ends every open connection; a peer that does not hang up cannot keep us. */
  close(): Promise<void>;
}

/**
 * Starts to listen; `port` 0 takes a free one. A port that is taken is an error whose message names it.
 * At most `connections` at a time: the next one is closed at once.
 */
export async function listen(
  server: Server,
  at: { readonly host: string; readonly port: number; readonly connections: number },
): Promise<Listening> {
  const open = new Set<Socket>();
  server.maxConnections = at.connections;
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.listen(at.port, at.host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
