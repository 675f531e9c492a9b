import { createServer, type Socket } from 'node:net';
import { connect, createSecureContext, TLSSocket } from 'node:tls';
import { makeLeaf } from '@interlock/company-side';
import { newPrivateKey } from '@interlock/proof';

/** A relay in the attacker's hands that ends TLS on both sides with a key of its own and reads what it can. */
export interface MeddlingRelay {
  readonly port: number;
  /** Everything that anybody said to it in clear, after a handshake. */
  read(): string;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function meddlingRelay(): Promise<MeddlingRelay> {
  const leaf = await makeLeaf(newPrivateKey(), Date.now());
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const listen = (tls: TLSSocket) => {
    tls.on('data', (chunk: Buffer) => heard.push(chunk.toString()));
    tls.on('error', () => undefined);
  };
  const server = createServer((raw) => {
    sockets.add(raw);
    raw.on('error', () => undefined);
    raw.once('data', (line: Buffer) => {
      raw.write('{"ok":true}\n');
      const { role } = JSON.parse(line.toString()) as { role: string };
      const options = { ...leaf, ALPNProtocols: ['interlock-tunnel/1'], rejectUnauthorized: false };
      // To the gateway it plays the connector, to the connector the gateway.
      if (role === 'gateway') listen(connect({ ...options, socket: raw }));
      else
        listen(
          new TLSSocket(raw, {
            ...options,
            isServer: true,
            requestCert: true,
            secureContext: createSecureContext(leaf),
          }),
        );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    read: () => heard.join(''),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
