import { allow, type Decision, refuse } from '../decision.js';
import type { Instant } from '../instant.js';
import type { LocalId, OrganisationId } from '../names.js';
import type { EvidenceRecord, PersonalMember } from './record.js';

/** How long what a record tells of persons is kept. */
export interface Keeping {
  /** When it happened, or when it came where that was sooner: a clock that runs ahead keeps nothing for ever. */
  readonly since: Instant;
  /** As both signed; null where the agreement says nothing, and then it is kept. */
  readonly retentionSeconds: number | null;
  /** Who demands that nothing is erased. One is enough. */
  readonly heldBy: readonly OrganisationId[];
}

/**
 * Whether what a record tells of persons may go now. A hold is before the rule: whoever expects a dispute keeps what the rule would take away. To
 * erase sooner than both signed would take a duty away that one owes the other, so no single company can ask for it.
 */
export function mayErase(
  { since, retentionSeconds, heldBy }: Keeping,
  now: Instant,
): Decision<true, 'on_hold' | 'retention_runs'> {
  if (heldBy.length > 0) return refuse('on_hold', { clause: heldBy.join(' ') });
  return retentionSeconds !== null && since + retentionSeconds * 1_000 <= now ? allow(true) : refuse('retention_runs');
}

/** A person, as the company names it that the person belongs to. */
export interface PersonOf {
  readonly organisation: OrganisationId;
  readonly id: LocalId;
}

/**
 * What an open record tells of one person. Approvers are of the company whose word a record is, or of the owner of the resource where it tells of a use. Somebody's
 * words go with him: whoever reads them in such a record knows whose they are.
 */
export function membersTellingOf(record: EvidenceRecord, { organisation, id }: PersonOf): readonly PersonalMember[] {
  const { kind, subject, approvers, deputies = [], delegators, reason, resource } = record;
  const said = kind === 'grant.approved' || kind === 'grant.refused';
  const approversOf = said ? record.organisation : (resource?.owner ?? record.organisation);
  const members: PersonalMember[] = [];
  if (subject?.kind === 'person' && subject.organisation === organisation && subject.id === id) members.push('subject');
  if (approversOf === organisation && approvers.includes(id)) members.push('approvers');
  if (approversOf === organisation && deputies.some((one) => one.id === id || one.for === id)) members.push('deputies');
  if (delegators?.some((one) => one.organisation === organisation && one.id === id)) members.push('delegators');
  const own = record.organisation === organisation && reason?.startsWith(`${id}: `);
  if (reason !== undefined && (members.length > 0 || own)) members.push('reason');
  return members;
}
