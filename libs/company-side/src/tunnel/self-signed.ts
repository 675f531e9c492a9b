import 'reflect-metadata';
import { createPublicKey, type KeyObject, webcrypto } from 'node:crypto';
import type { Instant } from '@interlock/domain';
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

/** What `makeLeaf` promises, with the library that writes certificates. */
export async function selfSigned(privateKey: KeyObject, now: Instant, spiffeId?: string): Promise<Leaf> {
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
