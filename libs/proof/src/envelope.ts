import { DOCUMENTS, type DocumentKind, signed as signedShape } from '@interlock/contracts';
import {
  allow,
  type Decision,
  type Digest,
  type Instant,
  type JwsSignature,
  type OrganisationId,
  type Purpose,
  parseOrganisationId,
  parseThumbprint,
  refuse,
  type SignatureBlock,
  type Signed,
} from '@interlock/domain';
import { z } from 'zod';
import { canonicalBytes, digestOfBytes, parseCanonical } from './canonical-json.js';
import type { KeyRing, KnownKey } from './key-ring.js';
import { algorithmOf, type Signer, verifiesUnder } from './keys.js';
import { type PasskeyFault, passkeyFault } from './passkey.js';
import { strictBase64url } from './strict-base64url.js';

export type EnvelopeRefusal =
  | 'malformed'
  | 'wrong_type'
  | 'wrong_issuer'
  | 'wrong_audience'
  | 'wrong_algorithm'
  | 'unknown_key'
  | 'wrong_purpose'
  | 'key_expired'
  | 'key_not_yet_valid'
  | 'signed_in_the_future'
  | 'bad_signature'
  | 'signature_missing'
  | PasskeyFault;

/** How far ahead another company's clock may run, in milliseconds. */
export const SIGNATURE_SKEW = 60_000;

const header = z.strictObject({
  alg: z.enum(['EdDSA', 'ES256']),
  typ: z.string().max(80),
  kid: z.string(),
  iss: z.string(),
  iat: z.number().int().min(0),
});

export const documentTyp = (kind: DocumentKind): string => `interlock-${kind}+jws`;

/** What a signature of this document says of itself, and the bytes that are signed: kind, signer and time (seconds) stand in the header. */
export function toBeSigned<D extends { typ: DocumentKind }>(
  document: D,
  { alg, kid, organisation }: Pick<Signer, 'alg' | 'kid' | 'organisation'>,
  now: Instant,
): { readonly protected: string; readonly input: Buffer } {
  const fields = { alg, typ: documentTyp(document.typ), kid, iss: organisation, iat: Math.floor(now / 1000) };
  const head = canonicalBytes(fields).toString('base64url');
  const payload = canonicalBytes(document).toString('base64url');
  return { protected: head, input: Buffer.from(`${head}.${payload}`, 'ascii') };
}

/** Signs a document: detached JWS over its canonical bytes. */
export async function signDocument<D extends { typ: DocumentKind }>(
  document: D,
  signer: Signer,
  now: Instant,
): Promise<SignatureBlock> {
  const { protected: head, input } = toBeSigned(document, signer, now);
  return { form: 'jws', protected: head, signature: Buffer.from(await signer.sign(input)).toString('base64url') };
}

/** A document with one signature on it. */
export const signed = async <D extends { typ: DocumentKind }>(
  document: D,
  signer: Signer,
  now: Instant,
): Promise<Signed<D>> => ({
  document,
  signatures: [await signDocument(document, signer, now)],
});

export interface EveryCheck {
  readonly typ: string;
  readonly purpose: Purpose;
  /** Whose signature is asked for; a signature of anybody else is not counted. */
  readonly issuer: OrganisationId;
  readonly now: Instant;
  /** True only for narrowing acts: an expired but unrevoked key can still narrow. */
  readonly expiredMayNarrow: boolean;
}

export interface VerifiedSignature {
  readonly signer: KnownKey;
  readonly signedAt: Instant;
}

/**
 * The one place where a signature counts: type, issuer, algorithm, purpose, key validity and time are checked together, so that no caller can
 * leave one out. `payload` is the base64url of exactly the bytes the caller goes on to use.
 */
export async function checkSignature(
  block: SignatureBlock | Omit<JwsSignature, 'form'>,
  payload: string,
  ring: KeyRing,
  expect: EveryCheck,
): Promise<Decision<VerifiedSignature, EnvelopeRefusal>> {
  const parsed = parseCanonical(Buffer.from(block.protected, 'base64url'));
  const fields = parsed.allowed ? header.safeParse(parsed.value) : undefined;
  if (!fields?.success || !strictBase64url(block.protected) || !strictBase64url(block.signature))
    return refuse('malformed');
  const { alg, typ, kid, iss, iat } = fields.data;
  if (typ !== expect.typ) return refuse('wrong_type');
  if (parseOrganisationId(iss) !== expect.issuer) return refuse('wrong_issuer');
  const thumbprint = parseThumbprint(kid);
  const candidates = thumbprint ? ring.find(expect.issuer, thumbprint, expect.purpose) : [];
  if (candidates.length === 0)
    return refuse(thumbprint && ring.known(expect.issuer, thumbprint).length > 0 ? 'wrong_purpose' : 'unknown_key');
  const signedAt = iat * 1000;
  if (signedAt > expect.now + SIGNATURE_SKEW) return refuse('signed_in_the_future');
  const valid = candidates.find((key) => validityFault(key, signedAt, expect) === undefined);
  const signer = valid ?? candidates[0];
  if (!signer) return refuse('unknown_key');
  if (!valid) return refuse(validityFault(signer, signedAt, expect) ?? 'key_expired');
  if (algorithmOf(signer.key) !== alg) return refuse('wrong_algorithm');
  const fault = signatureFault(block, payload, signer, ring.entities.get(expect.issuer)?.document.agentOrigin);
  return fault ? refuse(fault) : allow({ signer, signedAt });
}

function signatureFault(
  block: SignatureBlock | Omit<JwsSignature, 'form'>,
  payload: string,
  { key }: KnownKey,
  agentOrigin: string | undefined,
): EnvelopeRefusal | undefined {
  const signed = Buffer.from(`${block.protected}.${payload}`, 'ascii');
  if ('clientData' in block) return passkeyFault(block, signed, key, agentOrigin);
  return verifiesUnder(key, signed, Buffer.from(block.signature, 'base64url')) ? undefined : 'bad_signature';
}

function validityFault(key: KnownKey, signedAt: Instant, expect: EveryCheck): EnvelopeRefusal | undefined {
  if (signedAt < key.notBefore - SIGNATURE_SKEW) return 'key_not_yet_valid';
  if (expect.expiredMayNarrow) return undefined;
  return Math.max(signedAt, expect.now) >= key.notAfter ? 'key_expired' : undefined;
}

export interface VerifiedDocument<D> {
  readonly document: D;
  readonly digest: Digest;
  readonly signers: readonly (VerifiedSignature & { readonly block: SignatureBlock })[];
}

/** Made once: a schema made for one verification would be compiled for that one, which costs more than the signatures. */
const SHAPES = Object.fromEntries(
  Object.entries(DOCUMENTS).map(([kind, schema]) => [kind, signedShape(schema as z.ZodType)]),
) as Record<DocumentKind, ReturnType<typeof signedShape>>;

type DocumentOf<K extends DocumentKind> = z.output<(typeof DOCUMENTS)[K]>;

/**
 * Verifies a document of one kind: its shape, and that each of `demands` is met by at least one signature. A signature that meets no
 * demand makes the whole document unacceptable: nothing unverified rides along.
 */
export async function verifyDocument<K extends DocumentKind>(
  kind: K,
  input: unknown,
  ring: KeyRing,
  demands: readonly { readonly issuer: OrganisationId; readonly purpose: Purpose }[],
  now: Instant,
  options: { readonly expiredMayNarrow: boolean } = { expiredMayNarrow: false },
): Promise<Decision<VerifiedDocument<DocumentOf<K>>, EnvelopeRefusal>> {
  const shape = SHAPES[kind].safeParse(input);
  if (!shape.success) return refuse('malformed', { clause: kind, detail: shape.error.issues[0]?.path.join('.') ?? '' });
  const { document, signatures } = shape.data as Signed<DocumentOf<K>>;
  const bytes = canonicalBytes(document);
  const payload = bytes.toString('base64url');
  const signers: (VerifiedSignature & { readonly block: SignatureBlock })[] = [];
  const met = new Set<number>();
  for (const block of signatures) {
    const found = await firstMet(block, payload, ring, demands, { typ: documentTyp(kind), now, ...options });
    if (!found.allowed) return refuse(found.refusal.code, { clause: kind });
    met.add(found.value.demand);
    signers.push({ ...found.value.verified, block });
  }
  if (met.size !== demands.length) return refuse('signature_missing', { clause: kind });
  return allow({ document, digest: digestOfBytes(bytes), signers });
}

async function firstMet(
  block: SignatureBlock,
  payload: string,
  ring: KeyRing,
  demands: readonly { readonly issuer: OrganisationId; readonly purpose: Purpose }[],
  expect: Omit<EveryCheck, 'issuer' | 'purpose'>,
): Promise<Decision<{ demand: number; verified: VerifiedSignature }, EnvelopeRefusal>> {
  let refused: EnvelopeRefusal = 'signature_missing';
  for (const [demand, { issuer, purpose }] of demands.entries()) {
    const checked = await checkSignature(block, payload, ring, { ...expect, issuer, purpose });
    if (checked.allowed) return allow({ demand, verified: checked.value });
    // The refusal that got furthest says most: a wrong issuer only means that this demand was not the one.
    if (refused === 'signature_missing' || refused === 'wrong_issuer') refused = checked.refusal.code;
  }
  return refuse(refused);
}
