import 'reflect-metadata';
import { createPublicKey, type KeyObject, webcrypto } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Instant, Thumbprint } from '@interlock/domain';
import { privateKeyToPem, publicJwkOf, thumbprintOf } from '@interlock/proof';
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';

/** A private key and the certificate that carries its public half into a TLS handshake. PEM. */
export interface Leaf {
  readonly key: string;
  readonly cert: string;
}

const HOUR = 3_600_000;
/** Peers look at the key alone; the dates only keep strict TLS stacks from refusing the wrapper. */
const BEFORE = HOUR;
const AFTER = 24 * HOUR;

/**
 * Wraps an Ed25519 or P-256 private key in a self-signed X.509 certificate, valid around `now`. The certificate asserts nothing:
 * peers compare the thumbprint of its key (RFC 7638, in the manner of RFC 8705) with one they know.
 * `spiffeId` is written as a URI name for logs of other TLS stacks; nothing here reads it. Throws for other key types.
 */
export async function makeLeaf(privateKey: KeyObject, now: Instant, spiffeId?: string): Promise<Leaf> {
  const algorithm = webAlgorithmOf(privateKey);
  const { subtle } = webcrypto;
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
  const keys = {
    publicKey: await subtle.importKey('spki', spki, algorithm, true, ['verify']),
    privateKey: await subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']),
  };
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${thumbprintOf(publicJwkOf(privateKey))}`,
      notBefore: new Date(now - BEFORE),
      notAfter: new Date(now + AFTER),
      keys,
      signingAlgorithm: algorithm,
      extensions: spiffeId ? [new SubjectAlternativeNameExtension([{ type: 'url', value: spiffeId }])] : [],
    },
    webcrypto,
  );
  return { key: privateKeyToPem(privateKey), cert: certificate.toString('pem') };
}

function webAlgorithmOf(key: KeyObject) {
  if (key.asymmetricKeyType === 'ed25519') return { name: 'Ed25519' };
  if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1')
    return { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  throw new TypeError('a tunnel leaf needs an Ed25519 or P-256 private key');
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
