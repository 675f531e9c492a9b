import type { SignatureProof } from '@interlock/contracts';
import type { Agreement, Digest, OrganisationId, SignatureBlock, UsedKey } from '@interlock/domain';
import { canonicalBytes, digestOf } from './canonical-json.js';
import type { KeyRing } from './key-ring.js';
import { keyObjectOf } from './keys.js';
import {
  hashLeaf,
  parseCheckpoint,
  parseTlogProof,
  rawEd25519,
  verifyCosigned,
  verifyInclusion,
  witnessNoteKey,
} from './log/index.js';

/** When a signature of an organisation was first seen in a log that this organisation's own witness had cosigned. */
export type ProvenSignatures = (organisation: OrganisationId, block: SignatureBlock) => UsedKey['proven'];

export const NOTHING_PROVEN: ProvenSignatures = () => undefined;

/** What a record says of a signature it took in. */
export const signatureDigest = ({ protected: head, signature }: SignatureBlock): Digest =>
  digestOf({ protected: head, signature });

/**
 * What these proofs show. A proof that shows nothing is passed over: a missing time only denies. The log's own signature is not asked for,
 * because the broker's word adds nothing to that of the witness whose company the signature is of.
 */
export function provenSignatures(
  proofs: readonly SignatureProof[],
  ring: KeyRing,
  agreement: Agreement,
): ProvenSignatures {
  if (proofs.length === 0) return NOTHING_PROVEN;
  const times = new Map<string, NonNullable<UsedKey['proven']>>();
  for (const { record, proof } of proofs) {
    if (record.log !== agreement.id || !record.signatures) continue;
    for (const { organisation, ...proven } of cosignings(canonicalBytes(record), proof, ring, agreement))
      for (const digest of record.signatures) {
        const name = `${organisation} ${digest}`;
        const had = times.get(name);
        if (!had || proven.at < had.at) times.set(name, proven);
      }
  }
  return (organisation, block) => times.get(`${organisation} ${signatureDigest(block)}`);
}

/** Of these proofs, those that speak of one of these signatures. */
export function proofsFor(proofs: readonly SignatureProof[], blocks: readonly SignatureBlock[]): SignatureProof[] {
  const names = new Set(blocks.map(signatureDigest));
  return proofs
    .filter(({ record }) => record.signatures?.some((digest) => names.has(digest)))
    .slice(0, MOST_OF_A_CHAIN);
}

/** A chain brings no more. */
const MOST_OF_A_CHAIN = 64;

type Cosigning = NonNullable<UsedKey['proven']> & { readonly organisation: OrganisationId };

/** Which parties' witnesses had cosigned a tree with this entry in it, by which key and when. */
function cosignings(entry: Uint8Array, text: string, ring: KeyRing, { parties }: Agreement): readonly Cosigning[] {
  const proof = parseTlogProof(text);
  const read = proof.allowed ? parseCheckpoint(proof.value.checkpoint) : proof;
  if (!proof.allowed || !read.allowed) return [];
  const { checkpoint, note } = read.value;
  const leaf = hashLeaf(entry);
  if (!verifyInclusion(proof.value.index, checkpoint.size, leaf, proof.value.path, checkpoint.root).allowed) return [];
  return parties.flatMap(({ organisation }) =>
    ring.held(organisation, 'witness', 'witness' as Parameters<KeyRing['held']>[2]).flatMap((known): Cosigning[] => {
      if (!known.purposes.includes('witness') || known.key.crv !== 'Ed25519') return [];
      const key = witnessNoteKey(organisation, rawEd25519(keyObjectOf(known.key)));
      const cosigned = key.allowed ? verifyCosigned(note, key.value) : key;
      if (!cosigned.allowed) return [];
      // A witness counts in whole seconds: what it says of one may have come at its end.
      const from = cosigned.value.atSeconds * 1000;
      const at = from + 999;
      // A witness says nothing before or after it was one.
      return from < known.notBefore || at >= known.notAfter ? [] : [{ organisation, at, witness: known.kid }];
    }),
  );
}
