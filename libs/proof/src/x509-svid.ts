import { X509Certificate } from 'node:crypto';
import {
  allow,
  type Decision,
  type Digest,
  type Instant,
  type OrganisationId,
  parseSpiffeId,
  refuse,
  type SpiffeId,
  type SubjectRef,
  type Thumbprint,
  workloadNamed,
} from '@interlock/domain';
import { SIGNATURE_SKEW } from './envelope.js';
import type { KeyRing, KnownKey } from './key-ring.js';
import { keyObjectOf, publicJwkOf, thumbprintOf } from './keys.js';
import { strictBase64url } from './strict-base64url.js';
import { digestOfToken } from './token.js';

/** An X.509-SVID opens sessions in place of a login proof, so it lives no longer than this. Milliseconds. */
export const SVID_LONGEST = 86_400_000;
/** Characters of base64url. */
const LONGEST = 4_000;

export type SvidRefusal =
  | 'not_an_svid'
  | 'wrong_issuer'
  | 'unknown_key'
  | 'key_expired'
  | 'bad_signature'
  | 'signed_in_the_future'
  | 'token_expired'
  | 'token_too_long';

/** Whether what stands where a login proof does is a certificate: it travels as base64url of its DER, which has no dot. Nothing at all is none. */
export const saysSvid = (proof: string): boolean => proof !== '' && !proof.includes('.');

/** An X.509-SVID by its own word. */
export interface ReadSvid {
  readonly id: SpiffeId;
  readonly certificate: X509Certificate;
  /** Thumbprint of its key. */
  readonly kid: Thumbprint;
  readonly notBefore: Instant;
  readonly notAfter: Instant;
}

/** Reads a certificate by the rules of SPIFFE for a leaf (X.509-SVID, sections 2 to 4); who signed it is not looked at. */
export async function readX509Svid(text: string): Promise<Decision<ReadSvid, 'not_an_svid'>> {
  const no = (detail: string) => refuse('not_an_svid', { clause: 'svid', detail });
  if (text.length > LONGEST || !strictBase64url(text)) return no('unreadable');
  const raw = Buffer.from(text, 'base64url');
  try {
    const certificate = new X509Certificate(raw);
    // What stands behind the certificate is signed by nobody.
    if (!certificate.raw.equals(raw)) return no('unreadable');
    const { names, fault } = await leafOf(raw);
    if (fault) return no(fault);
    const [name, ...more] = names;
    const id = name === undefined || more.length > 0 ? undefined : parseSpiffeId(name);
    if (!id) return no('exactly one SPIFFE ID');
    const [notBefore, notAfter] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
    return allow({ id, certificate, kid: thumbprintOf(publicJwkOf(certificate.publicKey)), notBefore, notAfter });
  } catch {
    return no('unreadable');
  }
}

const SERVER_AND_CLIENT = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'];

/** The URI names of a certificate, and what keeps it from being a leaf. Node tells no key usage, so another reader does. */
async function leafOf(raw: Uint8Array): Promise<{ readonly names: readonly string[]; readonly fault?: string }> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const certificate = new x509.X509Certificate(new Uint8Array(raw));
  const kinds = certificate.extensions.map(({ type }) => type);
  // Of two extensions of one kind each reader believes another one.
  if (new Set(kinds).size !== kinds.length) return { names: [], fault: 'extension twice' };
  if (certificate.getExtension(x509.BasicConstraintsExtension)?.ca) return { names: [], fault: 'signs for others' };
  const usage = certificate.getExtension(x509.KeyUsagesExtension);
  const { digitalSignature, keyCertSign, cRLSign } = x509.KeyUsageFlags;
  if (!usage?.critical || !(usage.usages & digitalSignature)) return { names: [], fault: 'key usage' };
  if (usage.usages & (keyCertSign | cRLSign)) return { names: [], fault: 'signs for others' };
  const extended = certificate.getExtension(x509.ExtendedKeyUsageExtension)?.usages.map(String);
  if (extended && !SERVER_AND_CLIENT.every((one) => extended.includes(one)))
    return { names: [], fault: 'extended key usage' };
  const names = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  return { names: names.filter(({ type }) => type === 'url').map(({ value }) => value) };
}

export interface VerifiedSvid {
  readonly subject: SubjectRef;
  readonly kid: Thumbprint;
  readonly digest: Digest;
  readonly signer: KnownKey;
  readonly notAfter: Instant;
}

/**
 * Verifies that `issuer` says by this X.509-SVID who holds its key: of that company's own trust domain, signed by a key that it certified for
 * issuing, and now. A key of another company signs for nobody here, whatever trust domain it writes.
 */
export async function verifyX509Svid(
  text: string,
  issuer: OrganisationId,
  ring: KeyRing,
  now: Instant,
): Promise<Decision<VerifiedSvid, SvidRefusal>> {
  const read = await readX509Svid(text);
  if (!read.allowed) return read;
  const no = <C extends SvidRefusal>(code: C) => refuse(code, { clause: 'svid' });
  const { id, certificate, kid, notBefore, notAfter } = read.value;
  if (ring.entities.get(issuer)?.document.trustDomain !== id.trustDomain) return no('wrong_issuer');
  const named = workloadNamed(id);
  if (!named) return refuse('not_an_svid', { clause: 'svid', detail: 'names no machine or workload' });
  if (notAfter - notBefore > SVID_LONGEST) return no('token_too_long');
  if (notBefore > now + SIGNATURE_SKEW) return no('signed_in_the_future');
  if (!(now < notAfter)) return no('token_expired');
  const issuing = ring.certifiedFor(issuer, 'issue');
  if (issuing.length === 0) return no('unknown_key');
  const signer = issuing.find(({ key }) => certificate.verify(keyObjectOf(key)));
  if (!signer) return no('bad_signature');
  if (now < signer.notBefore || now >= signer.notAfter) return no('key_expired');
  const subject: SubjectRef = { organisation: issuer, ...named };
  return allow({ subject, kid, digest: digestOfToken(text), signer, notAfter });
}
