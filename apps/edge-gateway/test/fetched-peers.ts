import { createServer, type Server } from 'node:net';
import { Aedes } from 'aedes';
import modbus from 'jsmodbus';

async function listening(server: Server): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** A real MQTT broker of a plant, which lets in whoever knows the password. */
export async function aPlantBroker(password: string) {
  const broker = await Aedes.createBroker({
    authenticate: (_client, username, given, done) =>
      done(null, username === 'gateway' && given?.toString() === password),
  });
  const subscribed: string[] = [];
  broker.on('subscribe', (subscriptions) => subscribed.push(...subscriptions.map(({ topic }) => topic)));
  const { port, close } = await listening(createServer(broker.handle));
  return {
    port,
    subscribed,
    clients: () => broker.connectedClients,
    publish: (topic: string, payload: string, retain = false) =>
      new Promise<void>((resolve, reject) =>
        broker.publish({ cmd: 'publish', topic, payload, qos: 1, dup: false, retain }, (fault) =>
          fault ? reject(fault) : resolve(),
        ),
      ),
    stop: async () => {
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      await close();
    },
  };
}

/** A real Modbus server: registers and coils to write into, and which functions it was asked for. */
export async function aController() {
  const server = createServer();
  const [holding, coils] = [Buffer.alloc(16), Buffer.alloc(2)];
  const controller = new modbus.server.TCP(server, { holding, coils });
  const asked = new Set<string>();
  controller.on('preReadHoldingRegisters', () => asked.add('read holding registers'));
  controller.on('preReadCoils', () => asked.add('read coils'));
  const { port, close } = await listening(server);
  return { port, holding, coils, asked, stop: close };
}

/** Something that answers whoever dials with garbage, as much as they take. */
export async function aBabbler() {
  let dialled = 0;
  const server = createServer((socket) => {
    dialled += 1;
    const babble = () => {
      while (!socket.destroyed && socket.write(Buffer.alloc(65_536, 0x30)));
    };
    socket.on('drain', babble).on('error', () => undefined);
    socket.once('data', babble);
  });
  const { port, close } = await listening(server);
  return { port, dialled: () => dialled, stop: close };
}
