import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** One address in front of the edges, as a load balancer: a connection goes to one that answers. */
export async function frontDoor(ports: readonly number[]): Promise<{ readonly origin: string; stop(): void }> {
  const open = new Set<Socket>();
  const server = createServer((coming) => {
    open.add(coming);
    coming.on('close', () => open.delete(coming)).on('error', () => coming.destroy());
    const first = Math.floor(Math.random() * ports.length);
    through(coming, [...ports.slice(first), ...ports.slice(0, first)]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      for (const one of open) one.destroy();
      server.close();
    },
  };
}

function through(coming: Socket, [port, ...others]: readonly number[]): void {
  if (port === undefined) return void coming.destroy();
  const edge = connect(port, '127.0.0.1');
  const next = () => through(coming, others);
  edge.once('error', next).once('connect', () => {
    edge.off('error', next).on('error', () => coming.destroy());
    edge.on('close', () => coming.destroy());
    coming.on('close', () => edge.destroy());
    coming.pipe(edge).pipe(coming);
  });
}
