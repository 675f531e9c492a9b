import { type AuditAnswer, type AuditFilter, auditAnswer } from '@interlock/contracts';
import {
  type Agreement,
  type AgreementId,
  allow,
  type Decision,
  fitsFilter,
  type Instant,
  type OrganisationId,
  refuse,
} from '@interlock/domain';
import {
  equalHashes,
  type KeyRing,
  keyObjectOf,
  type LogReader,
  logNoteKey,
  logReader,
  type ReadCheckpoint,
  rawEd25519,
  type SeenCheckpoint,
  verifyLogAnswer,
} from '@interlock/proof';
import { z } from 'zod';
import { verifiedAgreement } from '../agreement/verified-agreement.js';
import type { HistorySource } from '../company-broker.js';
import { WrongUsage } from '../perform.js';
import type { ProvenRow } from './proven-row.js';

/** What is asked of one log. Names mean every party's thing of that name, unless its owner stands before it. */
export type LogQuestion = Omit<AuditFilter, 'log' | 'after' | 'limit' | 'treeSize'>;

/** Rows of one agreement's log, each proven to be in the tree that was cosigned as the agreement asks. */
export interface ProvenLog {
  readonly log: AgreementId;
  readonly agreement: Agreement;
  readonly ring: KeyRing;
  readonly treeSize: number;
  /** What the answer answers: rows are to be found again by it. */
  readonly filter: AuditFilter;
  readonly cosigned: readonly OrganisationId[];
  /** When each of them did, by its witness's clock: everything that is shown was in the log by then. */
  readonly cosignedAt: readonly Instant[];
  readonly rows: readonly ProvenRow[];
  /** Records the log says it has beyond the cosigned tree; shown to nobody until they are cosigned. */
  readonly notCosignedYet: number;
}

/** Every word of an old answer is true and cosigned, but for what came since. */
const REPLAYED = 'the log is shorter than what the own witness saw of it: an old state is shown as the newest';
const FORKED = 'the own witness saw another history of this size';

const checkpoint = z.looseObject({ treeSize: z.number().int().min(0) });

type Rows = ProvenLog['rows'];

/** Asks the broker's audit service and verifies everything it answers: agreement, log key, cosignatures, every row. */
export async function readLog(
  company: HistorySource,
  log: AgreementId,
  question: LogQuestion,
): Promise<Decision<ProvenLog>> {
  const rows: Rows[number][] = [];
  const read = await readPages(company, log, question, async (page) => void rows.push(...page));
  return read.allowed ? allow({ ...read.value, rows }) : read;
}

/** The same page by page, each verified before it is taken; the next is asked for when it was, so memory does not grow with the answer. `first` is the place to begin at. */
export async function readPages(
  company: HistorySource,
  log: AgreementId,
  question: LogQuestion,
  take: (rows: Rows) => Promise<void>,
  first = 0,
): Promise<Decision<Omit<ProvenLog, 'rows'>>> {
  const agreed = await verifiedAgreement(company, log);
  if (!agreed.allowed) return agreed;
  const { agreement, ring } = agreed.value;
  const reader = logReader(agreement, ring, logKeyOf(company, log));
  // Before the log is asked: the own witness may see more of it meanwhile, and never less.
  const seen = company.seen?.(log);
  const cosigned = `cosigned&cosigners=${reader.cosigners}`;
  const [tree, newest] = [await sizeOf(company, log, cosigned), await sizeOf(company, log, 'newest')];
  if (!tree.allowed) return tree;
  if (!newest.allowed) return newest;
  if (seen && Math.max(tree.value, newest.value) < seen.size)
    return refuse('evidence_rejected', { clause: 'checkpoint', detail: REPLAYED });
  const treeSize = tree.value;
  const filter = { ...question, log, limit: 1_000, treeSize };
  const notCosignedYet = Math.max(0, newest.value - treeSize);
  const known = { log, agreement, ring, treeSize, filter, notCosignedYet };
  if (treeSize <= first) return allow({ ...known, cosigned: [], cosignedAt: [] });
  const by = await everyPage(company, filter, reader, take, first, seen);
  return by.allowed ? allow({ ...known, cosigned: by.value.cosigned, cosignedAt: by.value.cosignedAt }) : by;
}

async function everyPage(
  company: HistorySource,
  filter: AuditFilter,
  reader: LogReader,
  take: (rows: Rows) => Promise<void>,
  first: number,
  seen: SeenCheckpoint | undefined,
): Promise<Decision<ReadCheckpoint>> {
  let after = first === 0 ? undefined : first - 1;
  for (;;) {
    const asked = after === undefined ? filter : { ...filter, after };
    const answer = await company.broker.get(`/v1/audit/events?${queryOf(asked)}`, auditAnswer);
    if (!answer.allowed) return answer;
    const proven = verifyLogAnswer(answer.value, filter.log, reader);
    if (!proven.allowed) return proven;
    const { size, root } = proven.value.checkpoint;
    if (seen && size === seen.size && !equalHashes(root, seen.root))
      return refuse('evidence_rejected', { clause: 'checkpoint', detail: FORKED });
    if (!answers(answer.value, proven.value.rows, asked)) return refuse('evidence_rejected', { clause: 'filter' });
    await take(proven.value.rows.map(({ proof: _proof, ...row }) => row));
    const { next } = answer.value;
    if (next === null) return allow(proven.value);
    // A cursor that does not move forward would be asked for ever.
    if (next <= (after ?? -1)) return refuse('evidence_rejected', { clause: 'next' });
    after = next;
  }
}

const queryOf = (filter: AuditFilter): string =>
  new URLSearchParams(
    Object.entries(filter).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, String(value)]],
    ),
  ).toString();

/** True rows that answer another question would mislead: the filter must be the one asked, and each row must fit it. */
function answers(answer: AuditAnswer, rows: Rows, asked: AuditFilter): boolean {
  const same = Object.entries(asked).every(
    ([name, value]) => value === undefined || answer.filter[name as keyof AuditFilter] === value,
  );
  return same && rows.every(({ record }) => fitsFilter(record, asked));
}

async function sizeOf(company: HistorySource, log: AgreementId, which: string): Promise<Decision<number>> {
  const read = await company.broker.get(`/v1/audit/checkpoint?log=${log}&which=${which}`, checkpoint);
  return read.allowed ? allow(read.value.treeSize) : read;
}

/** The key of a log, from the keys of the broker as the company recorded them. */
export function logKeyOf({ brokerKeys: broker }: Pick<HistorySource, 'brokerKeys'>, log: AgreementId) {
  if (!broker)
    throw new WrongUsage(
      'the key of the log is not recorded here; run "interlock agent broker-keys" with the file of the operator, then "interlock agent connector-file"',
    );
  const key = logNoteKey(broker.name, log, rawEd25519(keyObjectOf(broker.logKey)));
  if (!key.allowed) throw new Error(`the recorded log key of ${broker.name} is of no kind that logs are signed with`);
  return key.value;
}
