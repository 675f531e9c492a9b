import { connect, createServer, type Server } from 'node:net';

/** The peer of P5: what one would write in Node to forward a port, without encryption, keys or a relay. */
export function tcpProxy(to: { host: string; port: number }): Server {
  return createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = connect({ ...to, allowHalfOpen: true, noDelay: true });
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
  });
}
