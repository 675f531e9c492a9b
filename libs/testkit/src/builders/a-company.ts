import type { KeyObject } from 'node:crypto';
import type {
  EntityDocument,
  HolderKind,
  Instant,
  KeyCertificate,
  LocalId,
  OrganisationId,
  Purpose,
  Signed,
  Thumbprint,
} from '@interlock/domain';
import { digestOf, keySigner, newPrivateKey, publicJwkOf, type Signer, signed, thumbprintOf } from '@interlock/proof';

/** A company with real keys, as its own agent would hold them. */
export interface Company {
  readonly organisation: OrganisationId;
  readonly root: Signer;
  readonly pin: Thumbprint;
  readonly certify: Signer;
  readonly agreement: Signer;
  readonly entity: Signed<EntityDocument>;
  /** A new holder: a key, its certificate and a signer for it. */
  holder(kind: HolderKind, id: string, purposes: readonly Purpose[], more?: Partial<KeyCertificate>): Promise<Holder>;
}

export interface Holder {
  readonly id: LocalId;
  readonly key: KeyObject;
  readonly signer: Signer;
  readonly certificate: Signed<KeyCertificate>;
}

const DAY = 86_400_000;

/** A company whose entity document is valid for 30 days from `now`. */
export async function aCompany(name: string, now: Instant, more: Partial<EntityDocument> = {}): Promise<Company> {
  const organisation = name as OrganisationId;
  const signer = () => keySigner(organisation, newPrivateKey());
  const [root, certify, agreement] = [signer(), signer(), signer()];
  const document: EntityDocument = {
    typ: 'entity',
    v: 1,
    organisation,
    name,
    sequence: 1,
    previous: null,
    root: root.key,
    keys: [
      { key: certify.key, purposes: ['certify'] },
      { key: agreement.key, purposes: ['agreement'] },
    ],
    agentOrigin: `https://agent.${name}`,
    identityProviders: [],
    trustDomain: name,
    jurisdiction: 'DE',
    issuedAt: now - DAY,
    expiresAt: now + 29 * DAY,
    ...more,
  };
  return companyOf(await signed(document, root, now - DAY), { root, certify, agreement }, now);
}

/** The same of a company that is there already, such as one with a folder: a test signs beside its agent, with its keys. */
export function companyOf(
  entity: Signed<EntityDocument>,
  keys: Pick<Company, 'root' | 'certify' | 'agreement'>,
  now: Instant,
): Company {
  const { document } = entity;
  const { organisation } = document;
  const holder: Company['holder'] = (kind, id, purposes, over = {}) =>
    aHolder({ document, certify: keys.certify, now }, kind, id, purposes, over);
  return { organisation, ...keys, pin: keys.root.kid, entity, holder };
}

interface Certifier {
  readonly document: EntityDocument;
  readonly certify: Signer;
  readonly now: Instant;
}

async function aHolder(
  { document, certify, now }: Certifier,
  kind: HolderKind,
  id: string,
  purposes: readonly Purpose[],
  over: Partial<KeyCertificate>,
): Promise<Holder> {
  const { organisation } = document;
  // Not before its company's own document, which may be of today.
  const from = Math.max(now - DAY, document.issuedAt);
  const key = newPrivateKey(purposes.includes('open') ? 'X25519' : 'Ed25519');
  const certificate: KeyCertificate = {
    typ: 'key-certificate',
    v: 1,
    organisation,
    entity: digestOf(document),
    holder: { kind, id: id as LocalId },
    key: publicJwkOf(key),
    purposes,
    groups: [],
    guest: false,
    epoch: kind === 'agent' ? 1 : null,
    resources: [],
    notBefore: from,
    ...lifeFor(purposes, now),
    ...over,
  };
  const signer = purposes.includes('open') ? unableToSign(organisation, key) : keySigner(organisation, key);
  return { id: id as LocalId, key, signer, certificate: await signed(certificate, certify, from) };
}

/** What must not outlive a theft lives shorter: a beat key a day, an opening key a week. */
function lifeFor(purposes: readonly Purpose[], now: Instant): { notBefore?: Instant; notAfter: Instant } {
  if (purposes.includes('beat')) return { notBefore: now - DAY / 24, notAfter: now + (DAY * 23) / 24 };
  return { notAfter: now + (purposes.includes('open') ? 6 : 7) * DAY };
}

/** A key for opening sealed data cannot sign; using it to sign is a fault of the test. */
function unableToSign(organisation: OrganisationId, key: KeyObject): Signer {
  const jwk = publicJwkOf(key);
  const sign = () => Promise.reject(new TypeError('an opening key cannot sign'));
  return { organisation, key: jwk, kid: thumbprintOf(jwk), alg: 'EdDSA', sign };
}
