import { type EvidenceFilter, fitsFilter, labelsOf, labelsWanted } from './labels.js';
import { type EvidenceRecord, PERSONAL_MEMBERS, type PersonalMember } from './record.js';

/** What a record says of persons, member by member. A machine and a workload are nobody. */
export function personalIn(record: EvidenceRecord): readonly (readonly [PersonalMember, unknown])[] {
  const { subject, approvers, delegators, reason } = record;
  const said: readonly (readonly [PersonalMember, unknown, boolean])[] = [
    ['subject', subject, subject?.kind === 'person'],
    ['approvers', approvers, approvers.length > 0],
    ['delegators', delegators, delegators !== undefined],
    ['reason', reason, reason !== undefined],
  ];
  return said.filter(([, , says]) => says).map(([member, value]) => [member, value]);
}

/** The record as its log holds it: what was withheld is not said. The same record where nothing was. */
export function asLogged(record: EvidenceRecord): EvidenceRecord {
  const { withheld } = record;
  if (!withheld) return record;
  const { delegators, reason, ...rest } = record;
  return {
    ...rest,
    ...(withheld.subject && { subject: null }),
    ...(withheld.approvers && { approvers: [] }),
    ...(delegators && !withheld.delegators && { delegators }),
    ...(reason !== undefined && !withheld.reason && { reason }),
  };
}

/** Members that were withheld and that this reader cannot read: erased, or not handed to him. */
export function closedMembers(record: EvidenceRecord): readonly PersonalMember[] {
  const open = personalIn(record).map(([member]) => member);
  return PERSONAL_MEMBERS.filter((member) => record.withheld?.[member] !== undefined && !open.includes(member));
}

/** Labels that a closed member could have. */
const LABELS_OF: { readonly [Member in PersonalMember]: readonly string[] } = {
  subject: ['subject:', 'organisation:'],
  approvers: ['approver:'],
  delegators: [],
  reason: ['word:'],
};

/** Whether a record that does not fit would, if what is closed in it said the right thing: nobody can tell then that an answer is all of it. */
export function couldFit(record: EvidenceRecord, filter: EvidenceFilter): boolean {
  const closed = closedMembers(record).flatMap((member) => LABELS_OF[member]);
  if (closed.length === 0 || !fitsFilter(record, { from: filter.from, to: filter.to })) return false;
  const labels = new Set(labelsOf(record));
  const unmet = labelsWanted(filter).filter((label) => !labels.has(label));
  return unmet.length > 0 && unmet.every((label) => closed.some((prefix) => label.startsWith(prefix)));
}
