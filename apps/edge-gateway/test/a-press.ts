import { createServer, type Socket } from 'node:net';

/** A press whose telemetry adapter speaks SHDR (lines over TCP), to however many listen. */
export interface Press {
  readonly port: number;
  readonly listeners: () => number;
  say(line: string): void;
  stop(): Promise<void>;
}

export async function aPress(): Promise<Press> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.on('data', () => socket.write('* PONG 10000\n'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    listeners: () => sockets.size,
    say: (line) => {
      for (const socket of sockets) socket.write(`${line}\n`);
    },
    stop: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
