import { type AuditFilter, auditFilter } from '@interlock/contracts';
import { allow, type Decision, type EvidenceRecord, fitsFilter, refuse } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import type { Agent } from '../agent.js';
import { type CheckedAnswer, checkAnswer, readerOf } from './check-answer.js';

const SAME = 'older than what was seen' as const;

/**
 * Asks the log of an agreement. What the broker answers is verified here before anybody sees it: cosigned as agreed, each row at its place, and an
 * answer to this very question.
 */
export async function askLog(agent: Agent, filter: AuditFilter): Promise<Decision<CheckedAnswer>> {
  const reader = await readerOf(agent, filter.log);
  if (!reader.allowed) return reader;
  // A busy log has always a newer tree that is not cosigned yet; what is shown is what was cosigned as agreed.
  const size =
    filter.treeSize === undefined
      ? await agent.broker.cosignedSize(filter.log, reader.value.cosigners)
      : allow(filter.treeSize);
  if (!size.allowed) return size;
  if (size.value === 0) return allow({ size: 0, root: '', rows: [], cosigned: [], sameAsSeen: SAME, next: null });
  const asked = { ...filter, treeSize: size.value };
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(asked)) if (value !== undefined) words.set(name, String(value));
  const answer = await agent.broker.audit(words);
  if (!answer.allowed) return answer;
  // An answer to another question would be true and still mislead, and so would true rows that do not fit it.
  const same = digestOf(answer.value.filter) === digestOf(asked);
  const checked = await checkAnswer(agent, answer.value, reader.value);
  if (!checked.allowed) return checked;
  return same && checked.value.rows.every(({ record }) => fitsFilter(record, asked))
    ? checked
    : refuse('evidence_rejected', { clause: 'filter' });
}

/** Pages of a thousand rows that are read for one view; a log with more since then is asked with `interlock audit query`. */
const MOST_PAGES = 10;

/** Every verified row of some kinds since an instant, page after page of one tree. */
export async function recordsOf(
  agent: Agent,
  log: string,
  kinds: readonly EvidenceRecord['kind'][],
  from: number,
): Promise<Decision<readonly EvidenceRecord[]>> {
  const found: EvidenceRecord[] = [];
  for (const kind of kinds) {
    let [after, treeSize]: [number | undefined, number | undefined] = [undefined, undefined];
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const asked: AuditFilter = auditFilter.parse({ log, kind, from, after, treeSize, limit: 1_000 });
      const answer = await askLog(agent, asked);
      if (!answer.allowed) return answer;
      found.push(...answer.value.rows.map(({ record }) => record));
      if (answer.value.next === null) break;
      [after, treeSize] = [answer.value.next, answer.value.size];
    }
  }
  return allow(found);
}
