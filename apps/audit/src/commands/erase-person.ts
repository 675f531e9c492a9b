import type { Ids } from '@interlock/chassis';
import { EVERY_ORGANISATION, type Tx } from '@interlock/chassis/db';
import type { AskOf, ErasePerson, ReplyOf } from '@interlock/contracts';
import { allow, type Instant, membersTellingOf, type PersonOf, refuse } from '@interlock/domain';
import { disclosedMember, openRecord } from '@interlock/proof';
import {
  closeMembers,
  type DueLog,
  entriesOfPerson,
  holdersOf,
  lockLogToKeep,
  type OpenEntry,
} from '../store/keeping.store.js';
import { recordKeeping } from './record-keeping.js';

/**
 * Answers `audit.erase-person.v1`: a person of the asking company asked for it, and what the log tells of that person goes before its time. Machines, rights,
 * clauses and what was done stay, and so does what the record tells of others. A hold of either company is before it. That it happened is a record of the log,
 * in the same transaction, which does not say of whom.
 */
export async function erasePerson(
  tx: Tx,
  ids: Ids,
  { organisation, log: name, person }: AskOf<typeof ErasePerson>,
  now: Instant,
): Promise<ReplyOf<typeof ErasePerson>> {
  await tx.actFor(organisation);
  if (!(await lockLogToKeep(tx, name))) return refuse('not_a_party');
  await tx.actFor(EVERY_ORGANISATION);
  const log = (await lockLogToKeep(tx, name)) as DueLog;
  const heldBy = await holdersOf(tx, log.no);
  if (heldBy.length > 0) return refuse('on_hold', { detail: heldBy.join(' ') });
  const of: PersonOf = { organisation, id: person };
  let erased = 0;
  for (const entry of await entriesOfPerson(tx, log.no, of)) if (await erasedIn(tx, log.no, entry, of)) erased += 1;
  if (erased > 0)
    await recordKeeping(tx, ids, log, {
      kind: 'evidence.erased',
      at: now,
      organisation,
      count: erased,
      code: 'person_asked',
    });
  return allow({ log: name, erased });
}

async function erasedIn(tx: Tx, logNo: number, entry: OpenEntry, of: PersonOf): Promise<boolean> {
  const open = openRecord(entry.body, entry.opened);
  const gone: readonly (string | undefined)[] = open.allowed ? membersTellingOf(open.value, of) : [];
  if (gone.length === 0) return false;
  const opened = entry.opened.filter((one) => !gone.includes(disclosedMember(one)));
  const left = openRecord(entry.body, opened);
  if (!left.allowed) throw new Error(`what is left of entry ${entry.idx} does not open it`);
  await closeMembers(tx, logNo, entry, { opened, said: left.value });
  return true;
}
