import type { EvidenceRecord } from './record.js';

/** What is open, and which enclaves are locked, as far as the records of one log say. */
export interface LiveByRecords {
  /** The record of each opening that no later record ends; the newest first. */
  readonly sessions: readonly EvidenceRecord[];
  /** The newest record of each gateway about its lock-out. */
  readonly lockouts: readonly EvidenceRecord[];
}

const ENDS: ReadonlySet<string> = new Set(['session.closed', 'session.cut']);
const LOCKS: ReadonlySet<string> = new Set(['lockout.set', 'lockout.lifted']);

/**
 * A gateway hands its records over when it can, so what is said here is as old as the newest of them: a session may have ended already, and
 * none is invented. The order of the records does not count: an end that was handed over first ends its session all the same.
 */
export function liveByRecords(records: readonly EvidenceRecord[]): LiveByRecords {
  const ended = new Set(records.filter(({ kind }) => ENDS.has(kind)).map(({ session }) => session));
  const newest = new Map<string, EvidenceRecord>();
  // What the broker records is an order; whether a gateway is locked only that gateway can say.
  for (const record of records.filter(({ kind, source }) => LOCKS.has(kind) && !source.startsWith('broker/'))) {
    if (record.at >= (newest.get(record.source)?.at ?? Number.NEGATIVE_INFINITY)) newest.set(record.source, record);
  }
  return {
    sessions: records
      .filter(({ kind, session }) => kind === 'session.opened' && session !== null && !ended.has(session))
      .sort((a, b) => b.at - a.at),
    lockouts: [...newest.values()],
  };
}
