import { type EvidenceFilter, fitsFilter, labelsOf, labelsWanted } from './labels.js';
import {
  type EvidenceRecord,
  OWN_MEMBERS,
  OWN_MEMBERS_OF,
  type OwnMember,
  type PersonalMember,
  WITHHELD_MEMBERS,
  type WithheldMember,
} from './record.js';

/** What a record says of persons, member by member. A machine and a workload are nobody. */
export function personalIn(record: EvidenceRecord): readonly (readonly [PersonalMember, unknown])[] {
  const { subject, approvers, deputies, delegators, reason } = record;
  const said: readonly (readonly [PersonalMember, unknown, boolean])[] = [
    ['subject', subject, subject?.kind === 'person'],
    ['approvers', approvers, approvers.length > 0],
    ['deputies', deputies, deputies !== undefined],
    ['delegators', delegators, delegators !== undefined],
    ['reason', reason, reason !== undefined],
  ];
  return said.filter(([, , says]) => says).map(([member, value]) => [member, value]);
}

/** What a record says that one company keeps from the other, member by member. */
export const ownIn = (record: EvidenceRecord): readonly (readonly [OwnMember, string])[] =>
  OWN_MEMBERS.flatMap((member) => (record[member] === undefined ? [] : [[member, record[member]] as const]));

/**
 * Whether a record keeps from one company only what its kind is declared to keep, and for whom it is declared: nobody puts a member of his own where the other
 * is to read it, nor keeps one for somebody else.
 */
export function ownAsDeclared(record: EvidenceRecord): boolean {
  const own = OWN_MEMBERS.filter((member) => record[member] !== undefined || record.withheld?.[member] !== undefined);
  if (own.length === 0) return record.belongsTo === undefined;
  const { kind, belongsTo, organisation } = record;
  return own.every((member) => {
    const whose = OWN_MEMBERS_OF[kind]?.[member];
    return belongsTo !== undefined && (whose === 'named' || (whose === 'organisation' && belongsTo === organisation));
  });
}

/** Whether a record says no member that it claims to withhold. */
export const saysWhatItWithholds = (record: EvidenceRecord): boolean =>
  [...personalIn(record), ...ownIn(record)].some(([member]) => record.withheld?.[member] !== undefined) ||
  (record.withheld?.subject !== undefined && record.subject !== null);

/** The record as its log holds it: what was withheld is not said. The same record where nothing was. */
export function asLogged(record: EvidenceRecord): EvidenceRecord {
  const { withheld } = record;
  if (!withheld) return record;
  const { deputies, delegators, reason, internalReason, internalTicket, explanation, ...rest } = record;
  return {
    ...rest,
    ...(withheld.subject && { subject: null }),
    ...(withheld.approvers && { approvers: [] }),
    ...(deputies && !withheld.deputies && { deputies }),
    ...(delegators && !withheld.delegators && { delegators }),
    ...(reason !== undefined && !withheld.reason && { reason }),
    ...(internalReason !== undefined && !withheld.internalReason && { internalReason }),
    ...(internalTicket !== undefined && !withheld.internalTicket && { internalTicket }),
    ...(explanation !== undefined && !withheld.explanation && { explanation }),
  };
}

/** Members that were withheld and that this reader cannot read: erased, or not handed to him. */
export function closedMembers(record: EvidenceRecord): readonly WithheldMember[] {
  const open: readonly WithheldMember[] = [...personalIn(record), ...ownIn(record)].map(([member]) => member);
  return WITHHELD_MEMBERS.filter((member) => record.withheld?.[member] !== undefined && !open.includes(member));
}

/** Labels that a closed member could have. */
const LABELS_OF: { readonly [Member in WithheldMember]: readonly string[] } = {
  subject: ['subject:', 'organisation:'],
  approvers: ['approver:'],
  deputies: [],
  delegators: [],
  reason: ['word:'],
  // Nobody is found by what is kept from him, nor by its being kept.
  ...{ internalReason: [], internalTicket: [], explanation: [] },
};

/** Whether a record that does not fit would, if what is closed in it said the right thing: nobody can tell then that an answer is all of it. */
export function couldFit(record: EvidenceRecord, filter: EvidenceFilter): boolean {
  const closed = closedMembers(record).flatMap((member) => LABELS_OF[member]);
  if (closed.length === 0 || !fitsFilter(record, { from: filter.from, to: filter.to })) return false;
  const labels = new Set(labelsOf(record));
  const unmet = labelsWanted(filter).filter((label) => !labels.has(label));
  return unmet.length > 0 && unmet.every((label) => closed.some((prefix) => label.startsWith(prefix)));
}
