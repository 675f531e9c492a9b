import type { KeyObject } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Instant, Thumbprint } from '@interlock/domain';
import { publicJwkOf, thumbprintOf } from '@interlock/proof';
import type { Leaf } from './self-signed.js';

export type { Leaf };

/**
 * Wraps an Ed25519 or P-256 private key in a self-signed X.509 certificate, valid around `now`. The certificate asserts nothing:
 * peers compare the thumbprint of its key (RFC 7638, in the manner of RFC 8705) with one they know.
 * `spiffeId` is written as a URI name for logs of other TLS stacks; nothing here reads it. Throws for other key types.
 */
export async function makeLeaf(privateKey: KeyObject, now: Instant, spiffeId?: string): Promise<Leaf> {
  // The library that writes certificates is a quarter of what a verb takes to start, and most verbs write none.
  const { selfSigned } = await import('./self-signed.js');
  return selfSigned(privateKey, now, spiffeId);
}

/**
 * The thumbprint of the key with which the peer of this very connection signed its handshake: the first certificate it sent, whatever
 * else it sent and whatever that certificate says. Undefined where the peer showed none, or a key of a kind not in use here.
 */
export function peerThumbprint(socket: TLSSocket): Thumbprint | undefined {
  const leaf = socket.getPeerX509Certificate();
  if (!leaf) return undefined;
  try {
    return thumbprintOf(publicJwkOf(leaf.publicKey));
  } catch {
    return undefined;
  }
}
