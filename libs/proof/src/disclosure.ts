import { randomBytes } from 'node:crypto';
import { evidenceRecord } from '@interlock/contracts';
import {
  allow,
  asLogged,
  type Decision,
  type Digest,
  type EvidenceRecord,
  PERSONAL_MEMBERS,
  type PersonalMember,
  personalIn,
  refuse,
} from '@interlock/domain';
import { canonicalBytes, digestOfBytes } from './canonical-json.js';

/** A record as its log will hold it, and what opens it again. Whoever erases the second leaves the first as it was. */
export interface WithheldRecord {
  readonly record: EvidenceRecord;
  /** Disclosures of RFC 9901, section 4.2.1: base64url of the JSON array of salt, name and value. */
  readonly opened: readonly string[];
}

/** 128 bits, as RFC 9901, section 9.3 asks: nobody finds a name by trying names. */
export const newSalt = (): string => randomBytes(16).toString('base64url');

/** What commits to one value: a disclosure with a salt of its own. */
export const disclosureOf = (salt: string, name: string, value: unknown): string =>
  Buffer.from(JSON.stringify([salt, name, value]), 'utf8').toString('base64url');

/** The commitment to a disclosure (RFC 9901, section 4.2.3). */
export const digestOfDisclosure = (disclosure: string): Digest => digestOfBytes(Buffer.from(disclosure, 'ascii'));

/** Takes out of a record what it says of persons, and leaves a salted digest of each in its place. */
export function withhold(record: EvidenceRecord, salt: () => string): WithheldRecord {
  const personal = personalIn(record);
  if (personal.length === 0) return { record, opened: [] };
  const disclosed = personal.map(([name, value]) => [name, disclosureOf(salt(), name, value)] as const);
  const withheld = Object.fromEntries(disclosed.map(([name, one]) => [name, digestOfDisclosure(one)]));
  return { record: asLogged({ ...record, withheld }), opened: disclosed.map(([, one]) => one) };
}

/**
 * The record with what the disclosures say put back, each checked against the digest that the log holds. A disclosure of nothing that is
 * withheld, a second one of the same member, and a record that says what it claims to withhold are refused: what is shown is what was committed to.
 */
export function openRecord(
  record: EvidenceRecord,
  opened: readonly string[] = [],
): Decision<EvidenceRecord, 'evidence_rejected'> {
  const wrong = refuse('evidence_rejected', { clause: record.id, detail: 'disclosure' });
  if (record.withheld && !canonicalBytes(asLogged(record)).equals(canonicalBytes(record))) return wrong;
  const values = new Map<string, unknown>();
  for (const disclosure of opened) {
    const read = readDisclosure(disclosure);
    if (!read || values.has(read.name) || record.withheld?.[read.name] !== digestOfDisclosure(disclosure)) return wrong;
    values.set(read.name, read.value);
  }
  if (values.size === 0) return allow(record);
  const whole = evidenceRecord.safeParse({ ...record, ...Object.fromEntries(values) });
  return whole.success ? allow(whole.data) : wrong;
}

/** Which member of a record a disclosure opens; undefined where it is none. */
export const disclosedMember = (disclosure: string): PersonalMember | undefined => readDisclosure(disclosure)?.name;

function readDisclosure(disclosure: string): { readonly name: PersonalMember; readonly value: unknown } | undefined {
  try {
    const said: unknown = JSON.parse(Buffer.from(disclosure, 'base64url').toString('utf8'));
    if (!Array.isArray(said) || said.length !== 3 || typeof said[0] !== 'string') return undefined;
    const name = PERSONAL_MEMBERS.find((member) => member === said[1]);
    return name && { name, value: said[2] };
  } catch {
    return undefined;
  }
}
