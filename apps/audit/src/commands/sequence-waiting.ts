import { EVERY_ORGANISATION, type Tx } from '@interlock/chassis/db';
import type { Instant } from '@interlock/domain';
import { appendLeaves, type Frontier } from '@interlock/proof';
import { becomeSequencer, parkRecord, takeWaiting } from '../store/appended.store.js';
import { insertEntries, type NewEntry } from '../store/entry.store.js';
import { growLogs, type LogHead, lockLogs } from '../store/log.store.js';
import { growTiles } from '../store/tile.store.js';
import { findGaps } from './find-gaps.js';
import { type Leaf, leafOfRecord } from './leaf-of-record.js';

/** Records one transaction gives a place to. Larger batches cost latency, smaller ones commits. */
export const SEQUENCE_BATCH = 1_000;

interface WaitingLeaf extends Leaf {
  readonly position: string;
}

/**
 * Gives the oldest waiting records their index in their logs and answers how many it settled; 0 when there is nothing to
 * do or another replica is at it. Everything happens in this transaction: killed anywhere, either all of the batch has
 * its place or all of it waits again, and no index is ever given twice or left out.
 *
 * @param now against which a time that cannot be is known
 */
export async function sequenceWaiting(tx: Tx, now: Instant, limit = SEQUENCE_BATCH): Promise<number> {
  await tx.actFor(EVERY_ORGANISATION);
  if (!(await becomeSequencer(tx))) return 0;
  const waiting = await takeWaiting(tx, limit);
  if (waiting.length === 0) return 0;
  const byLog = new Map<string, WaitingLeaf[]>();
  for (const record of waiting) {
    const leaf = leafOfRecord(record, now);
    if (leaf.allowed) grouped(byLog, leaf.value.record.log).push({ ...leaf.value, position: record.position });
    else await parkRecord(tx, record, leaf.refusal.code);
  }
  const heads = await lockLogs(tx, [...byLog.keys()]);
  const growths = [...byLog].map(([name, leaves]) => growthOf(heads.get(name) as LogHead, leaves));
  await insertEntries(
    tx,
    growths.flatMap((growth) => growth.entries),
  );
  await findGaps(
    tx,
    growths.map(({ head, entries }) => ({ logNo: head.no, records: entries.map(({ record }) => record) })),
  );
  for (const { head, grown } of growths) await growTiles(tx, head.no, head.frontier.size, grown.size);
  await growLogs(
    tx,
    growths.map(({ head, grown }) => ({ no: head.no, frontier: grown })),
  );
  return waiting.length;
}

interface Growth {
  readonly head: LogHead;
  readonly grown: Frontier;
  readonly entries: readonly NewEntry[];
}

function growthOf(head: LogHead, leaves: readonly WaitingLeaf[]): Growth {
  const entries = leaves.map(
    ({ position, record, said, hash }, i): NewEntry => ({
      logNo: head.no,
      index: head.frontier.size + i,
      position,
      leafHash: hash,
      record,
      said,
    }),
  );
  const grown = appendLeaves(
    head.frontier,
    leaves.map((leaf) => leaf.hash),
  );
  return { head, grown, entries };
}

function grouped<T>(groups: Map<string, T[]>, name: string): T[] {
  const group = groups.get(name) ?? [];
  groups.set(name, group);
  return group;
}
