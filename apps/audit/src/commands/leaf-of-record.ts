import { disclosures, evidenceRecord } from '@interlock/contracts';
import { allow, type Decision, type EvidenceRecord, refuse } from '@interlock/domain';
import { canonicalBytes, type Hash, hashLeaf, openRecord } from '@interlock/proof';

/** C2SP tlog-tiles: an entry carries its length in 16 bits. */
const LONGEST_LEAF_BYTES = 65_535;

/** A record that can be a leaf, with the hash of its canonical bytes. */
export interface Leaf {
  readonly record: EvidenceRecord;
  /** The record with what it withholds, by which it is found. */
  readonly said: EvidenceRecord;
  readonly hash: Hash;
}

/** Whether a stored record can be a leaf of its log. What cannot is parked with this code, never guessed into shape. */
export function leafOfRecord(body: unknown, opened: unknown): Decision<Leaf, 'not_as_declared' | 'too_large'> {
  const parsed = evidenceRecord.safeParse(body);
  const disclosed = disclosures.nullable().safeParse(opened);
  if (!parsed.success || !disclosed.success) return refuse('not_as_declared');
  const said = openRecord(parsed.data, disclosed.data ?? []);
  if (!said.allowed) return refuse('not_as_declared');
  const bytes = canonicalBytes(parsed.data);
  if (bytes.length > LONGEST_LEAF_BYTES) return refuse('too_large');
  return allow({ record: parsed.data, said: said.value, hash: hashLeaf(bytes) });
}
