import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way between two programs that breaks in the middle of what is said. */
export interface FaultyWay {
  readonly port: number;
  /** How often what was said was lost, and how often it arrived and its answer was lost. */
  readonly broken: { lost: number; answerLost: number };
  /** From now on it holds. */
  heal(): void;
  close(): Promise<void>;
}

/**
 * Stands before a port of this machine. A connection breaks at some piece of what its caller says: either that piece does not arrive, or it
 * arrives and nothing of the answer comes back. `draw` gives numbers from 0 to 1.
 */
export async function faultyWay(port: () => number, draw: () => number, longest: number): Promise<FaultyWay> {
  const broken = { lost: 0, answerLost: 0 };
  const open = new Set<Socket>();
  let healed = false;
  const server = createServer((caller) => {
    const called = connect(port(), '127.0.0.1');
    let left = healed ? Number.POSITIVE_INFINITY : 1 + Math.floor(draw() * longest);
    const answerIsLost = draw() < 0.5;
    let silent = false;
    const end = () => {
      for (const socket of [caller, called]) {
        socket.destroy();
        open.delete(socket);
      }
    };
    for (const socket of [caller, called]) {
      open.add(socket);
      socket.on('error', end).on('close', end);
    }
    caller.on('data', (piece) => {
      left -= 1;
      if (left > 0 || healed) return void called.write(piece);
      if (!answerIsLost) {
        broken.lost += 1;
        return end();
      }
      silent = true;
      called.write(piece);
    });
    called.on('data', (piece) => {
      if (!silent) return void caller.write(piece);
      broken.answerLost += 1;
      end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    broken,
    heal: () => {
      healed = true;
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
