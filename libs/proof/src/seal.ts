import type { KeyObject } from 'node:crypto';
import { DOCUMENTS, signed as signedSchema } from '@interlock/contracts';
import {
  allow,
  type Batch,
  type Decision,
  type Digest,
  type Instant,
  type OrganisationId,
  refuse,
  type Signed,
  type Thumbprint,
} from '@interlock/domain';
import { GeneralEncrypt, type GeneralJWE, generalDecrypt } from 'jose';
import { canonicalBytes, parseCanonical } from './canonical-json.js';
import { type EnvelopeRefusal, signed, verifyDocument } from './envelope.js';
import type { KeyRing, KnownKey } from './key-ring.js';
import { keyObjectOf, type Signer } from './keys.js';

export type SealRefusal = EnvelopeRefusal | 'not_a_recipient' | 'not_sealed' | 'recipients_differ' | 'not_a_gateway';

const ALG = 'ECDH-ES+A256KW';
const ENC = 'A256GCM';
/** Made once: a schema made for one batch costs more than its signature. */
const SIGNED_BATCH = signedSchema(DOCUMENTS.batch);

/**
 * Seals one batch: signed inside by the gateway over agreement, flow, sequence, previous digest and the exact recipients,
 * then encrypted (JWE, RFC 7516 general) to the `open` keys of exactly those recipients. Nobody between can read it,
 * add a recipient or take it for another flow's.
 */
export async function seal(
  batch: Batch,
  recipients: readonly KnownKey[],
  signer: Signer,
  now: Instant,
): Promise<GeneralJWE> {
  const inner = await signed(batch, signer, now);
  const jwe = new GeneralEncrypt(canonicalBytes(inner)).setProtectedHeader({
    enc: ENC,
    typ: 'interlock-sealed-batch+jwe',
  });
  for (const recipient of recipients) {
    jwe.addRecipient(keyObjectOf(recipient.key)).setUnprotectedHeader({ alg: ALG, kid: recipient.kid });
  }
  return jwe.encrypt();
}

export interface OpenedBatch {
  readonly batch: Batch;
  readonly digest: Digest;
  readonly inner: Signed<Batch>;
}

/** Opens a sealed batch with one recipient's private `open` key and verifies who sealed it, and for whom. */
export async function unseal(
  sealed: unknown,
  opener: { readonly organisation: OrganisationId; readonly kid: Thumbprint; readonly key: KeyObject },
  ring: KeyRing,
  now: Instant,
): Promise<Decision<OpenedBatch, SealRefusal>> {
  const plain = await decrypt(sealed, opener);
  if (!plain.allowed) return plain;
  const parsed = parseCanonical(plain.value);
  const shape = parsed.allowed ? SIGNED_BATCH.safeParse(parsed.value) : undefined;
  if (!shape?.success) return refuse('malformed', { clause: 'batch' });
  const inner: Signed<Batch> = shape.data;
  const { gateway, recipients } = inner.document;
  // The right to open is what was signed inside, not what stands on the envelope outside.
  if (!recipients.some((one) => one.organisation === opener.organisation && one.kid === opener.kid))
    return refuse('recipients_differ');
  const verified = await verifyDocument(
    'batch',
    inner,
    ring,
    [{ issuer: gateway.organisation, purpose: 'enforce' }],
    now,
  );
  if (!verified.allowed) return verified;
  const { machine } = verified.value.document;
  // A gateway speaks for the machines its own company put on its certificate: not for other sites, not for other companies.
  const isGateway = verified.value.signers.every(
    ({ signer }) =>
      signer.holder?.kind === 'gateway' &&
      signer.holder.id === gateway.id &&
      machine.owner === signer.organisation &&
      signer.resources.includes(machine.id),
  );
  return isGateway
    ? allow({ batch: verified.value.document, digest: verified.value.digest, inner })
    : refuse('not_a_gateway');
}

async function decrypt(
  sealed: unknown,
  opener: { readonly kid: Thumbprint; readonly key: KeyObject },
): Promise<Decision<Uint8Array, SealRefusal>> {
  const jwe = sealed as GeneralJWE;
  if (typeof sealed !== 'object' || sealed === null || !Array.isArray(jwe.recipients)) return refuse('not_sealed');
  if (!jwe.recipients.some((recipient) => recipient.header?.kid === opener.kid)) return refuse('not_a_recipient');
  const mine = jwe.recipients.filter((recipient) => recipient.header?.kid === opener.kid);
  try {
    const { plaintext } = await generalDecrypt({ ...jwe, recipients: mine }, opener.key, {
      keyManagementAlgorithms: [ALG],
      contentEncryptionAlgorithms: [ENC],
    });
    return allow(plaintext);
  } catch {
    return refuse('not_sealed');
  }
}
