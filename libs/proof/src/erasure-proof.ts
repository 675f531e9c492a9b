import { signedErasureProof } from '@interlock/contracts';
import {
  type Agreement,
  allow,
  believable,
  type Decision,
  type Digest,
  type ErasureProof,
  type Instant,
  refuse,
  skewMilliseconds,
} from '@interlock/domain';
import { digestOfBytes } from './canonical-json.js';
import { type EnvelopeRefusal, verifyDocument } from './envelope.js';
import type { KeyRing } from './key-ring.js';

/** Names a set of batches by one digest, whatever order they are given in. */
export const digestOfBatches = (batches: readonly Digest[]): Digest =>
  digestOfBytes(
    Buffer.from(
      [...new Set(batches)]
        .sort()
        .map((one) => `${one}\n`)
        .join(''),
    ),
  );

/**
 * What a party of this agreement signed that it erased, and that these are the batches it means. That it did erase them is its word: nobody can see into another
 * company's disks.
 */
export async function verifyErasureProof(
  input: unknown,
  batches: readonly Digest[],
  ring: KeyRing,
  agreement: Agreement,
  now: Instant,
): Promise<Decision<ErasureProof, EnvelopeRefusal | 'not_a_party' | 'from_the_future' | 'erasure_differs'>> {
  const clause = 'erasure-proof';
  const shape = signedErasureProof.safeParse(input);
  if (!shape.success) return refuse('malformed', { clause });
  const { organisation: issuer, agreementId, issuedAt, erased } = shape.data.document;
  const isParty = agreement.parties.some((party) => party.organisation === issuer);
  if (agreementId !== agreement.id || !isParty) return refuse('not_a_party', { clause });
  if (!believable(issuedAt, now, skewMilliseconds(agreement))) return refuse('from_the_future', { clause });
  const verified = await verifyDocument(clause, shape.data, ring, [{ issuer, purpose: 'agreement' }], now);
  if (!verified.allowed) return verified;
  const { document } = verified.value;
  if (new Set(batches).size !== erased || digestOfBatches(batches) !== document.batches)
    return refuse('erasure_differs', { clause });
  return allow(document);
}
