import { connect as connectTls } from 'node:tls';
import type { Decision } from '@interlock/domain';
import { peerThumbprint } from '../tunnel/leaf.js';
import type { BusLogin, Endpoint, RegionLink, Shown } from './connect-region.js';

export type { BusLogin, Endpoint, RegionLink, Shown };

/** Milliseconds. */
const HANDSHAKE = 5_000;

/** Looks which key an endpoint holds, without telling it anything. */
export function shownBy(endpoint: Endpoint): Promise<Shown> {
  return new Promise((resolve, reject) => {
    // The certificate is not judged here: the caller compares its key with the keys that both companies signed.
    const socket = connectTls({ ...endpoint, rejectUnauthorized: false, minVersion: 'TLSv1.3' });
    socket.setTimeout(HANDSHAKE, () => socket.destroy(new Error('the region endpoint did not finish its handshake')));
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      // In this order: Node 20 answers nothing about the peer after it was asked for the X.509 object.
      const der = socket.getPeerCertificate().raw;
      const key = peerThumbprint(socket);
      socket.destroy();
      if (!key || !der) return reject(new Error('the region endpoint showed no key'));
      const certificate = `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
      return resolve({ key, certificate });
    });
  });
}

/** Connects to an endpoint that has shown an agreed key, and only as long as it goes on showing the very same certificate. */
export async function linkRegion(
  endpoint: Endpoint,
  shown: Shown,
  login: BusLogin,
): Promise<Decision<RegionLink, 'endpoint_not_agreed'>> {
  // Most verbs never speak to a region.
  const { connectRegion } = await import('./connect-region.js');
  return connectRegion(endpoint, shown, login, HANDSHAKE);
}
