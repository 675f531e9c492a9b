import { evidenceRecord } from '@interlock/contracts';
import { allow, type Decision, type EvidenceRecord, refuse } from '@interlock/domain';
import { canonicalBytes, type Hash, hashLeaf } from '@interlock/proof';

/** C2SP tlog-tiles: an entry carries its length in 16 bits. */
const LONGEST_LEAF_BYTES = 65_535;

/** A record that can be a leaf, with the hash of its canonical bytes. */
export interface Leaf {
  readonly record: EvidenceRecord;
  readonly hash: Hash;
}

/** Whether a stored record can be a leaf of its log. What cannot is parked with this code, never guessed into shape. */
export function leafOfRecord(body: unknown): Decision<Leaf, 'not_as_declared' | 'too_large'> {
  const parsed = evidenceRecord.safeParse(body);
  if (!parsed.success) return refuse('not_as_declared');
  const bytes = canonicalBytes(parsed.data);
  if (bytes.length > LONGEST_LEAF_BYTES) return refuse('too_large');
  return allow({ record: parsed.data, hash: hashLeaf(bytes) });
}
