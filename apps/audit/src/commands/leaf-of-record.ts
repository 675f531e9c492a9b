import { evidenceRecord, ownDisclosures, personalDisclosures } from '@interlock/contracts';
import { allow, type Decision, type EvidenceRecord, type Instant, mayBeSaid, refuse } from '@interlock/domain';
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

/** A record as it was appended, with the service through whose door it came. */
export interface Appended {
  readonly body: unknown;
  readonly opened: unknown;
  readonly own: unknown;
  readonly writer: string;
}

const [forBoth, forOne] = [personalDisclosures.nullable(), ownDisclosures.nullable()];

export type WhyParked = 'not_as_declared' | 'too_large' | 'wrong_writer' | 'clock_nonsense';

/** Whether a stored record can be a leaf of its log. What cannot is parked with this code, never guessed into shape. */
export function leafOfRecord({ body, opened, own, writer }: Appended, takenAt: Instant): Decision<Leaf, WhyParked> {
  const parsed = evidenceRecord.safeParse(body);
  const personal = forBoth.safeParse(opened);
  const kept = forOne.safeParse(own);
  if (!parsed.success || !personal.success || !kept.success) return refuse('not_as_declared');
  // What one keeps from the other may not lie where both read.
  const said = openRecord(parsed.data, personal.data ?? [], kept.data ?? []);
  if (!said.allowed) return refuse('not_as_declared');
  const may = mayBeSaid(parsed.data, serviceOf(writer), takenAt);
  if (!may.allowed) return may;
  const bytes = canonicalBytes(parsed.data);
  if (bytes.length > LONGEST_LEAF_BYTES) return refuse('too_large');
  return allow({ record: parsed.data, said: said.value, hash: hashLeaf(bytes) });
}

/** Each service has one role of the database; whoever has none of theirs is its administrator. */
const ROLE = 'interlock_';
const serviceOf = (writer: string): string =>
  writer.startsWith(ROLE) ? writer.slice(ROLE.length).replaceAll('_', '-') : 'operator';
