import type { Ids } from '@interlock/chassis';
import { EVERY_ORGANISATION, type Tx } from '@interlock/chassis/db';
import type { AskOf, EraseDue, HoldLog, ReplyOf } from '@interlock/contracts';
import { allow, type Instant, mayErase, refuse } from '@interlock/domain';
import { eraseParked } from '../store/appended.store.js';
import {
  changeHold,
  type DueLog,
  entriesFrom,
  eraseEntries,
  holdersOf,
  lockDueLog,
  lockLogToKeep,
} from '../store/keeping.store.js';
import { recordKeeping } from './record-keeping.js';

/** Entries that one transaction looks at. */
const BATCH = 1_000;
/** How often the rule is applied, in milliseconds. Retention is counted in days. */
export const ERASE_EVERY_MS = 60_000;

/** Applies the retention that both signed to one log that is due; false where none is. The record of it is in the same transaction. */
export async function eraseNextDue(tx: Tx, ids: Ids, now: Instant): Promise<boolean> {
  await tx.actFor(EVERY_ORGANISATION);
  const log = await lockDueLog(tx, now);
  if (!log) return false;
  await eraseFrom(tx, ids, log, now);
  return true;
}

/** Applies the same to what was parked: it is in no log, and tells of persons all the same. False once nothing is due. */
export async function eraseParkedDue(tx: Tx, ids: Ids, now: Instant): Promise<boolean> {
  await tx.actFor(EVERY_ORGANISATION);
  const erased = await eraseParked(tx, now);
  for (const { log, count } of erased)
    await recordKeeping(
      tx,
      ids,
      { name: log as DueLog['name'] },
      { kind: 'evidence.erased', at: now, count, code: 'parked_over' },
    );
  return erased.length > 0;
}

/** Answers `audit.erase.v1`: applies the rule now. A company may ask, and gets no more than the rule that both signed. */
export async function eraseDue(
  tx: Tx,
  ids: Ids,
  ask: AskOf<typeof EraseDue>,
  now: Instant,
): Promise<ReplyOf<typeof EraseDue>> {
  await tx.actFor(ask.organisation);
  if (!(await lockLogToKeep(tx, ask.log))) return refuse('not_a_party');
  await tx.actFor(EVERY_ORGANISATION);
  const log = (await lockLogToKeep(tx, ask.log)) as DueLog;
  const heldBy = await holdersOf(tx, log.no);
  if (heldBy.length > 0) return refuse('on_hold', { detail: heldBy.join(' ') });
  return allow({ log: ask.log, erased: await eraseFrom(tx, ids, log, now) });
}

/** Answers `audit.hold.v1`. It takes the log's row as an erasure does: once it is answered, nothing more is erased. */
export async function holdLog(
  tx: Tx,
  ids: Ids,
  ask: AskOf<typeof HoldLog>,
  now: Instant,
): Promise<ReplyOf<typeof HoldLog>> {
  const { organisation, held } = ask;
  await tx.actFor(organisation);
  if (!(await lockLogToKeep(tx, ask.log))) return refuse('not_a_party');
  await tx.actFor(EVERY_ORGANISATION);
  const log = (await lockLogToKeep(tx, ask.log)) as DueLog;
  if (await changeHold(tx, log.no, organisation, held))
    await recordKeeping(tx, ids, log, { kind: held ? 'hold.set' : 'hold.lifted', at: now, organisation });
  return allow({ log: ask.log, heldBy: await holdersOf(tx, log.no) });
}

/** Erases from where the last one stopped, in the order of the log, up to the first entry whose time is not over. */
async function eraseFrom(tx: Tx, ids: Ids, log: DueLog, now: Instant): Promise<number> {
  let [to, erased] = [log.erasedTo, 0];
  for (;;) {
    const entries = await entriesFrom(tx, log.no, to, BATCH);
    const kept = entries.findIndex(
      ({ since }) => !mayErase({ since, retentionSeconds: log.retentionSeconds, heldBy: [] }, now).allowed,
    );
    const over = kept < 0 ? entries : entries.slice(0, kept);
    if (over.length === 0) break;
    to += over.length;
    erased += over.filter(({ open }) => open).length;
    await eraseEntries(tx, log.no, over, to);
  }
  if (erased > 0)
    await recordKeeping(tx, ids, log, { kind: 'evidence.erased', at: now, count: erased, code: 'retention_over' });
  return erased;
}
