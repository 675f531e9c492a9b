import 'reflect-metadata';
import { createPublicKey, type KeyObject, randomBytes, webcrypto } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  allow,
  type Decision,
  type Instant,
  type KeyCertificate,
  type LocalId,
  refuse,
  type Signed,
  spiffeIdOf,
  type WorkloadKind,
} from '@interlock/domain';
import { publicJwkOf, thumbprintOf } from '@interlock/proof';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { SignJWT } from 'jose';
import { certify, LIFE, newestEntity, readCertificates } from '../company-folder/certify.js';
import { AGENT_ID } from '../company-folder/init-company.js';
import { makeKeyFile, readKeyFile, readSigner } from '../company-folder/key-files.js';
import { layout } from '../company-folder/layout.js';
import { readSettings } from '../company-folder/settings.js';

const X509_KEY = 'svid';
const JWT_KEY = 'svid-jwt';
const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/** An X.509-SVID lives this long, and a JWT-SVID, which whoever sees it can show, much shorter. Milliseconds. */
const X509_LIFE = 3_600_000;
const JWT_LIFE = 300_000;
/** Clocks of machines are behind. */
const BEFORE = 60_000;
/** Seconds after which whoever keeps the bundle asks again. */
const REFRESH = 300;

/** A machine or workload of the company. */
export interface Workload {
  readonly kind: WorkloadKind;
  readonly id: LocalId;
}

/** The company's own issuer of SVIDs, for its own trust domain alone. */
export interface SvidIssuer {
  /** An X.509-SVID for this public key, as base64url of its DER. */
  x509(
    workload: Workload,
    key: KeyObject,
    now: Instant,
  ): Promise<Decision<{ svid: string; expiresAt: Instant }, 'not_an_svid'>>;
  /** A JWT-SVID for one audience. */
  jwt(workload: Workload, audience: string, now: Instant): Promise<string>;
  /** What verifies both, as a SPIFFE bundle (SPIFFE Trust Domain and Bundle, section 4). */
  bundle(): Promise<object>;
}

/**
 * Makes the keys of the company's issuer of SVIDs, and certifies the one that signs certificates. Needs the offline `certify` key; throws where there is
 * an issuer already.
 */
export function makeSvidIssuer(dir: string, now: Instant): Promise<Signed<KeyCertificate>> {
  const { keys, offline } = layout(dir);
  const { organisation, epoch } = readSettings(dir);
  const signer = readSigner(offline, 'certify', organisation);
  const key = publicJwkOf(makeKeyFile(keys, X509_KEY, 'P-256'));
  makeKeyFile(keys, JWT_KEY, 'P-256');
  const holding = { kind: 'agent', id: AGENT_ID, key, purposes: ['issue'], life: LIFE.agent, epoch } as const;
  return certify(dir, organisation, signer, holding, now);
}

/** The issuer of a company's folder; undefined where the company has none. */
export function readSvidIssuer(dir: string): SvidIssuer | undefined {
  const { keys } = layout(dir);
  if (![X509_KEY, JWT_KEY].every((name) => existsSync(join(keys, `${name}.pem`)))) return undefined;
  const { organisation, trustDomain } = newestEntity(dir).document;
  const name = `O=${organisation}, CN=SVID issuer`;
  const own = { dir, trustDomain, name, key: readKeyFile(keys, X509_KEY), jwtKey: readKeyFile(keys, JWT_KEY) };
  return {
    x509: (workload, subjectKey, now) => x509Svid(own, workload, subjectKey, now),
    jwt: (workload, audience, now) => jwtSvid(own, workload, audience, now),
    bundle: () => bundleOf(own),
  };
}

interface Own {
  readonly dir: string;
  readonly trustDomain: string;
  /** Of the issuer, in its certificates. */
  readonly name: string;
  readonly key: KeyObject;
  readonly jwtKey: KeyObject;
}

async function x509Svid(
  { trustDomain, name, key }: Own,
  { kind, id }: Workload,
  subjectKey: KeyObject,
  now: Instant,
): Promise<Decision<{ svid: string; expiresAt: Instant }, 'not_an_svid'>> {
  const spiffeId = spiffeIdOf(trustDomain, kind, id);
  if (spiffeId === undefined) return refuse('not_an_svid', { clause: 'svid', detail: 'the name fits no SPIFFE ID' });
  const expiresAt = now + X509_LIFE;
  const extensions = [
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
    ...ofNames(false, spiffeId),
  ];
  const dates = [now - BEFORE, expiresAt] as const;
  const svid = await certificate({ issuer: name, subject: 'O=SPIFFE', key, subjectKey, dates, extensions });
  return allow({ svid: svid.toString('base64url'), expiresAt });
}

const jwtSvid = ({ trustDomain, jwtKey }: Own, { kind, id }: Workload, audience: string, now: Instant) =>
  new SignJWT({})
    .setProtectedHeader({ alg: 'ES256', kid: thumbprintOf(publicJwkOf(jwtKey)), typ: 'JWT' })
    .setSubject(spiffeIdOf(trustDomain, kind, id) ?? '')
    .setAudience(audience)
    .setIssuedAt(Math.floor(now / 1000))
    .setExpirationTime(Math.floor((now + JWT_LIFE) / 1000))
    .sign(jwtKey);

async function bundleOf({ dir, trustDomain, name, key, jwtKey }: Own): Promise<object> {
  const kid = thumbprintOf(publicJwkOf(key));
  const own = readCertificates(dir).find(({ document }) => thumbprintOf(document.key) === kid)?.document;
  if (!own) throw new Error(`the issuer of ${dir} has no certificate; run "interlock agent renew"`);
  const usage = KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign;
  const extensions = [new KeyUsagesExtension(usage, true), ...ofNames(true, `spiffe://${trustDomain}`)];
  const dates = [own.notBefore, own.notAfter] as const;
  const ca = await certificate({ issuer: name, subject: name, key, subjectKey: key, dates, extensions });
  return {
    spiffe_sequence: Math.floor(own.notAfter / 1000),
    spiffe_refresh_hint: REFRESH,
    keys: [
      { ...publicJwkOf(key), use: 'x509-svid', x5c: [ca.toString('base64')] },
      { ...publicJwkOf(jwtKey), use: 'jwt-svid', kid: thumbprintOf(publicJwkOf(jwtKey)) },
    ],
  };
}

const ofNames = (ca: boolean, uri: string): readonly Extension[] => [
  new BasicConstraintsExtension(ca, undefined, true),
  new SubjectAlternativeNameExtension([{ type: 'url', value: uri }]),
];

interface Wish {
  readonly issuer: string;
  readonly subject: string;
  readonly key: KeyObject;
  readonly subjectKey: KeyObject;
  readonly dates: readonly [Instant, Instant];
  readonly extensions: readonly Extension[];
}

async function certificate({ issuer, subject, key, subjectKey, dates, extensions }: Wish): Promise<Buffer> {
  const { subtle } = webcrypto;
  const half = subjectKey.type === 'private' ? createPublicKey(subjectKey) : subjectKey;
  const algorithm = half.asymmetricKeyType === 'ed25519' ? { name: 'Ed25519' } : P256;
  const spki = half.export({ type: 'spki', format: 'der' });
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
  const made = await X509CertificateGenerator.create(
    {
      ...{ issuer, subject, signingAlgorithm: P256, extensions: [...extensions] },
      // 95 bits, the first of them set: positive, and of one length.
      serialNumber: `4${randomBytes(12).toString('hex').slice(1)}`,
      notBefore: new Date(dates[0]),
      notAfter: new Date(dates[1]),
      publicKey: await subtle.importKey('spki', spki, algorithm, true, ['verify']),
      signingKey: await subtle.importKey('pkcs8', pkcs8, P256, true, ['sign']),
    },
    webcrypto,
  );
  return Buffer.from(made.rawData);
}

/** The key of a certificate request (PKCS#10, RFC 2986) that was signed with it; undefined for anything else. What it says of names is not read. */
export async function requestedKey(der: Uint8Array): Promise<KeyObject | undefined> {
  try {
    const asked = new Pkcs10CertificateRequest(new Uint8Array(der));
    if (!(await asked.verify(webcrypto))) return undefined;
    const key = createPublicKey({ key: Buffer.from(asked.publicKey.rawData), type: 'spki', format: 'der' });
    publicJwkOf(key);
    return key;
  } catch {
    return undefined;
  }
}
