import { randomFillSync } from 'node:crypto';
import { evidenceMember } from '@interlock/contracts';
import {
  allow,
  asLogged,
  type Decision,
  type Digest,
  type EvidenceRecord,
  OWN_MEMBERS,
  ownIn,
  personalIn,
  refuse,
  saysWhatItWithholds,
  WITHHELD_MEMBERS,
  type WithheldMember,
} from '@interlock/domain';
import { digestOfBytes } from './canonical-json.js';

/** A record as its log will hold it, and what opens it again. Whoever erases the second leaves the first as it was. */
export interface WithheldRecord {
  readonly record: EvidenceRecord;
  /** Disclosures of RFC 9901, section 4.2.1: base64url of the JSON array of salt, name and value. */
  readonly opened: readonly string[];
  /** What opens the members that one company keeps from the other: for it alone. */
  readonly own: readonly string[];
}

const SALT_BYTES = 16;
/** Random bytes that were drawn and not given out: one call of the system for many salts. */
const drawn = Buffer.alloc(256 * SALT_BYTES);
let given = drawn.length;

/** 128 bits, as RFC 9901, section 9.3 asks: nobody finds a name by trying names. No bytes are given out twice, and none stay once they were. */
export function newSalt(): string {
  if (given === drawn.length) {
    randomFillSync(drawn);
    given = 0;
  }
  const salt = drawn.toString('base64url', given, given + SALT_BYTES);
  drawn.fill(0, given, given + SALT_BYTES);
  given += SALT_BYTES;
  return salt;
}

/** What commits to one value: a disclosure with a salt of its own. */
export const disclosureOf = (salt: string, name: string, value: unknown): string =>
  Buffer.from(JSON.stringify([salt, name, value]), 'utf8').toString('base64url');

/** The commitment to a disclosure (RFC 9901, section 4.2.3). */
export const digestOfDisclosure = (disclosure: string): Digest => digestOfBytes(Buffer.from(disclosure, 'ascii'));

/** Takes out of a record what it says of persons and what one company keeps to itself, and leaves a salted digest of each in its place. */
export function withhold(record: EvidenceRecord, salt: () => string): WithheldRecord {
  const [personal, kept] = [personalIn(record), ownIn(record)];
  if (personal.length + kept.length === 0) return { record, opened: [], own: [] };
  const withheld: { [Member in WithheldMember]?: Digest } = {};
  const disclosed = ([name, value]: readonly [WithheldMember, unknown]): string => {
    const one = disclosureOf(salt(), name, value);
    withheld[name] = digestOfDisclosure(one);
    return one;
  };
  const [opened, own] = [personal.map(disclosed), kept.map(disclosed)];
  return { record: asLogged({ ...record, withheld }), opened, own };
}

/**
 * The record with what the disclosures say put back, each checked against the digest that the log holds. A disclosure of nothing that is
 * withheld, a second one of the same member, and a record that says what it claims to withhold are refused: what is shown is what was committed to.
 *
 * @param own what one company keeps from the other, where the two lie apart: then nothing of the one may lie with the other
 */
export function openRecord(
  record: EvidenceRecord,
  opened: readonly string[] = [],
  own?: readonly string[],
): Decision<EvidenceRecord, 'evidence_rejected'> {
  const wrong = refuse('evidence_rejected', { clause: record.id, detail: 'disclosure' });
  if (saysWhatItWithholds(record)) return wrong;
  const values: { [Member in WithheldMember]?: unknown } = {};
  for (const [at, disclosure] of (own ? [...opened, ...own] : opened).entries()) {
    const read = readDisclosure(disclosure);
    if (own && read && isOwn(read.name) !== at >= opened.length) return wrong;
    if (!read || read.name in values || record.withheld?.[read.name] !== digestOfDisclosure(disclosure)) return wrong;
    const value = evidenceMember[read.name].safeParse(read.value);
    if (!value.success || value.data === undefined) return wrong;
    values[read.name] = value.data;
  }
  return allow(opened.length === 0 && !own?.length ? record : ({ ...record, ...values } as EvidenceRecord));
}

const isOwn = (name: WithheldMember): boolean => OWN_MEMBERS.some((member) => member === name);

/** Which member of a record a disclosure opens; undefined where it is none. */
export const disclosedMember = (disclosure: string): WithheldMember | undefined => readDisclosure(disclosure)?.name;

function readDisclosure(disclosure: string): { readonly name: WithheldMember; readonly value: unknown } | undefined {
  try {
    const said: unknown = JSON.parse(Buffer.from(disclosure, 'base64url').toString('utf8'));
    if (!Array.isArray(said) || said.length !== 3 || typeof said[0] !== 'string') return undefined;
    const name = WITHHELD_MEMBERS.find((member) => member === said[1]);
    return name && { name, value: said[2] };
  } catch {
    return undefined;
  }
}
