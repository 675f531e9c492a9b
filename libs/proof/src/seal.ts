import type { KeyObject } from 'node:crypto';
import { areObservationRows, DOCUMENTS, signed as signedSchema } from '@interlock/contracts';
import {
  type Agreement,
  allow,
  type Batch,
  type BatchHead,
  type BatchWithContent,
  type Decision,
  type Digest,
  dataTerm,
  type Instant,
  type OrganisationId,
  refuse,
  type Signed,
  type Thumbprint,
  wasScanned,
} from '@interlock/domain';
import { canonicalBytes, digestOfBytes, parseCanonical } from './canonical-json.js';
import { type EnvelopeRefusal, signDocument, verifyDocument } from './envelope.js';
import { decryptWith, encryptTo, type JweRefusal } from './jwe.js';
import type { KeyRing, KnownKey } from './key-ring.js';
import type { Signer } from './keys.js';

export type SealRefusal =
  | EnvelopeRefusal
  | JweRefusal
  | 'recipients_differ'
  | 'content_differs'
  | 'not_a_gateway'
  | 'scan_missing';

/** A batch as it travels. `digest` names what was signed, and the next batch of the flow names it as the one before. */
export interface SealedBatch {
  readonly text: string;
  readonly digest: Digest;
}

/** Made once: a schema made for one batch costs more than its signature. */
const SIGNED_BATCH = signedSchema(DOCUMENTS.batch);
/** Ends the signed head; canonical JSON has none inside. */
const LINE_END = 10;

/** Bytes of observations in one batch: sealed for as many recipients as a term can name, it is smaller than the largest message of a region. */
export const LARGEST_CONTENT = 163_840;

/** The bytes of the observations as they are sealed and as their digest names them: what a scanner is shown. */
export const contentOf = (observations: Batch['observations']): Buffer =>
  Buffer.from(JSON.stringify(observations.map(({ at, key, value }) => [at, key, value])), 'utf8');

/**
 * Seals one batch. Its head says agreement, flow, sequence, previous digest, the exact recipients and the digest of the observations, and is signed by the
 * gateway; head and observations are encrypted together to the `open` keys of exactly those recipients. The observations are written once and
 * hashed once. Nobody between can read it, add a recipient or take it for another flow's.
 */
export async function seal(
  batch: Batch,
  recipients: readonly KnownKey[],
  signer: Signer,
  now: Instant,
): Promise<SealedBatch> {
  const { observations, ...terms } = batch;
  const content = contentOf(observations);
  const document: BatchHead = { typ: 'batch', v: 2, ...terms, content: digestOfBytes(content) };
  const head = canonicalBytes({ document, signatures: [await signDocument(document, signer, now)] });
  const text = encryptTo(recipients, Buffer.concat([head, Buffer.of(LINE_END), content]));
  return { text, digest: digestOfBytes(canonicalBytes(document)) };
}

export interface OpenedBatch {
  readonly batch: Batch;
  readonly digest: Digest;
}

/**
 * Opens a sealed batch (`sealed`: parsed JSON) with one recipient's private `open` key and verifies who sealed it, and for whom. What was inspected in a
 * region counts only under an `agreement` whose term says so; where that term asks for a scanner, what no scanner let go on is not opened.
 */
export async function unseal(
  sealed: unknown,
  opener: { readonly organisation: OrganisationId; readonly kid: Thumbprint; readonly key: KeyObject },
  ring: KeyRing,
  now: Instant,
  agreement?: Agreement,
): Promise<Decision<OpenedBatch, SealRefusal>> {
  const plain = decryptWith(sealed, opener);
  if (!plain.allowed) return plain;
  const end = plain.value.indexOf(LINE_END);
  const parsed = parseCanonical(end < 0 ? plain.value : plain.value.subarray(0, end));
  const shape = parsed.allowed ? SIGNED_BATCH.safeParse(parsed.value) : undefined;
  if (!shape?.success) return refuse('malformed', { clause: 'batch' });
  const inner: Signed<BatchHead | BatchWithContent> = shape.data;
  const { gateway, recipients } = inner.document;
  // The right to open is what was signed inside, not what stands on the envelope outside.
  if (!recipients.some((one) => one.organisation === opener.organisation && one.kid === opener.kid))
    return refuse('recipients_differ');
  const by = (purpose: 'enforce' | 'inspect') =>
    verifyDocument('batch', inner, ring, [{ issuer: gateway.organisation, purpose }], now);
  const inPlant = await by('enforce');
  const verified = !inPlant.allowed && isInspectedInRegion(inner.document, agreement) ? await by('inspect') : inPlant;
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
  if (!isGateway) return refuse('not_a_gateway');
  const { product, scan } = verified.value.document;
  const term = agreement && dataTerm(agreement, product, machine);
  if (term && !wasScanned(term, scan)) return refuse('scan_missing', { clause: term.type });
  const batch = withContent(verified.value.document, end < 0 ? undefined : plain.value.subarray(end + 1));
  return batch.allowed ? allow({ batch: batch.value, digest: verified.value.digest }) : batch;
}

/** What the head says of itself is enough: it is covered by the signature that is looked at next. */
const isInspectedInRegion = ({ product, machine }: BatchHead | BatchWithContent, agreement?: Agreement): boolean =>
  agreement !== undefined && dataTerm(agreement, product, machine)?.inspection === 'region';

/** The batch with the observations its signed head names by digest; those of format 1 stand in what was signed. */
function withContent(
  document: BatchHead | BatchWithContent,
  content: Buffer | undefined,
): Decision<Batch, 'malformed' | 'content_differs'> {
  const { typ, v, ...rest } = document;
  // One form each: bytes beside a document that has its observations inside are signed by nobody.
  if ('observations' in rest) return content ? refuse('content_differs') : allow(rest);
  if (!content || digestOfBytes(content) !== rest.content) return refuse('content_differs');
  const { content: _, ...terms } = rest;
  const observations = observationsIn(content);
  return observations ? allow({ ...terms, observations }) : refuse('malformed', { clause: 'content' });
}

function observationsIn(content: Buffer): Batch['observations'] | undefined {
  try {
    const rows: unknown = JSON.parse(content.toString('utf8'));
    return areObservationRows(rows) ? rows.map(([at, key, value]) => ({ at, key, value })) : undefined;
  } catch {
    return undefined;
  }
}
