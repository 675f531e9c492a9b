import { createPublicKey, type KeyObject, randomBytes, webcrypto } from 'node:crypto';
import type { Instant } from '@interlock/domain';

/** What an X.509-SVID of a test says; left out, what a good one does. */
export interface SvidWish {
  readonly names?: readonly string[];
  readonly ca?: boolean;
  /** Bits of the key usage; null for none. */
  readonly usage?: number | null;
  readonly criticalUsage?: boolean;
  readonly extended?: readonly string[];
  readonly notBefore?: Instant;
  readonly notAfter?: Instant;
}

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const HOUR = 3_600_000;

/** An X.509-SVID over the public half of a P-256 key, signed by another one, as base64url of its DER. */
export async function anSvid(issuer: KeyObject, holder: KeyObject, now: Instant, wish: SvidWish): Promise<string> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const { subtle } = webcrypto;
  const spki = createPublicKey(holder).export({ type: 'spki', format: 'der' });
  const pkcs8 = issuer.export({ type: 'pkcs8', format: 'der' });
  const { names = [], ca = false, usage = x509.KeyUsageFlags.digitalSignature, criticalUsage = true } = wish;
  const extensions = [
    new x509.BasicConstraintsExtension(ca, undefined, true),
    ...(usage === null ? [] : [new x509.KeyUsagesExtension(usage, criticalUsage)]),
    ...(wish.extended ? [new x509.ExtendedKeyUsageExtension([...wish.extended])] : []),
    new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'url' as const, value }))),
  ];
  const made = await x509.X509CertificateGenerator.create(
    {
      serialNumber: randomBytes(12).toString('hex'),
      subject: 'O=SPIFFE',
      issuer: 'O=SPIFFE',
      notBefore: new Date(wish.notBefore ?? now - HOUR),
      notAfter: new Date(wish.notAfter ?? now + HOUR),
      publicKey: await subtle.importKey('spki', spki, P256, true, ['verify']),
      signingKey: await subtle.importKey('pkcs8', pkcs8, P256, true, ['sign']),
      signingAlgorithm: P256,
      extensions,
    },
    webcrypto,
  );
  return Buffer.from(made.rawData).toString('base64url');
}
