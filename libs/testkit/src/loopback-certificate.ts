import { KeyObject, webcrypto } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface LoopbackCertificate {
  readonly certFile: string;
  /** Readable by everybody who may enter the folder: servers of a test run as users of their own. */
  readonly keyFile: string;
  /** The certificate's text: it is its own issuer. */
  readonly ca: string;
  readonly key: KeyObject;
}

/** A certificate for 127.0.0.1 and for no name, made for one test, in files of `dir`. */
export async function loopbackCertificate(dir: string): Promise<LoopbackCertificate> {
  await import('reflect-metadata');
  const { SubjectAlternativeNameExtension, X509CertificateGenerator } = await import('@peculiar/x509');
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=127.0.0.1',
    keys,
    signingAlgorithm: algorithm,
    notAfter: new Date(Date.now() + 3_600_000),
    extensions: [new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  });
  const ca = made.toString('pem');
  const key = KeyObject.from(keys.privateKey);
  const [certFile, keyFile] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
  writeFileSync(certFile, ca);
  writeFileSync(keyFile, key.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o644 });
  return { certFile, keyFile, ca, key };
}
