import { BrokerUnavailable } from '@interlock/company-side';
import { type AgreementId, allow, type Decision, refuse } from '@interlock/domain';
import type { HistorySource } from '../../company-broker.js';
import { refusalWords } from '../../perform.js';
import { everyAgreement } from '../every-agreement.js';
import type { ProvenRow } from '../proven-row.js';
import { type LogQuestion, readPages } from '../read-log.js';
import type { Cursor } from './cursor-file.js';
import type { Receiver, Told } from './receiver.js';

/** Between two looks for new rows. Milliseconds. */
const LOOK_EVERY = 2_000;
/** After a failure, doubled with each further one. A receiver that comes back is not kept waiting for longer. Milliseconds. */
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 60_000;

export interface Streaming {
  readonly company: HistorySource;
  /** One log, or every agreement of the company, new ones as they come. */
  readonly log: AgreementId | undefined;
  readonly question: LogQuestion;
  readonly receiver: Receiver;
  readonly cursor: Cursor;
  /** Rows handed over at once, at most. */
  readonly batch: number;
  /** To the end of what is there, and no waiting: a failure ends it. */
  readonly once: boolean;
  readonly stop: AbortSignal;
  rest(ms: number): Promise<void>;
  tell(line: string): void;
}

/** The stream was told to end, or may not wait. What was not taken yet comes the next time. */
class Stopped extends Error {
  override readonly name = 'Stopped';
}

/**
 * Hands every row that fits to the receiver, each verified first, in the order of its log, and goes on with what is new. The cursor moves
 * when a batch was taken and never before: killed anywhere, or with the receiver away for days, no row is left out, and at most the last
 * batch comes twice. Ends when it is told to, or with `once` at the end of the logs. Answers how many rows were taken.
 */
export async function streamLogs(streaming: Streaming): Promise<Decision<{ readonly rows: number }>> {
  const done = { rows: 0 };
  if (streaming.once) {
    const looked = await lookOnce(streaming, done);
    return looked.allowed ? allow(done) : looked;
  }
  const { stop, rest, tell } = streaming;
  for (let failures = 0; !stop.aborted; ) {
    const why = await whyNot(streaming, done);
    failures = why === undefined ? 0 : failures + 1;
    if (why !== undefined) tell(`the history cannot be read: ${why}; trying again, nothing is lost`);
    await rest(why === undefined ? LOOK_EVERY : waitAfter(failures));
  }
  return allow(done);
}

const waitAfter = (failures: number): number => Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(failures - 1, 16));

/** Looks once; why that did not go well, where waiting may help. */
async function whyNot(streaming: Streaming, done: { rows: number }): Promise<string | undefined> {
  try {
    const looked = await lookOnce(streaming, done);
    return looked.allowed ? undefined : refusalWords(looked.refusal);
  } catch (error) {
    if (error instanceof BrokerUnavailable) return error.message;
    if (error instanceof Stopped) return undefined;
    throw error;
  }
}

async function lookOnce(streaming: Streaming, done: { rows: number }): Promise<Decision<unknown>> {
  const { company, log } = streaming;
  const ids = log === undefined ? await everyAgreement(company) : allow([log]);
  if (!ids.allowed) return ids;
  let looked: Decision<unknown> = ids;
  for (const id of ids.value) {
    const streamed = await streamLog(streaming, id, done);
    // What is wrong with one agreement, a partner or the broker may have made so: the others are told of all the same.
    if (looked.allowed) looked = streamed;
  }
  return looked;
}

async function streamLog(streaming: Streaming, log: AgreementId, done: { rows: number }): Promise<Decision<unknown>> {
  const { company, question, cursor, batch } = streaming;
  // Who asked for everything sees by the numbers whether a row was left out; of a choice nobody can say it.
  const all = Object.values(question).every((value) => value === undefined);
  const leftOut = (rows: readonly ProvenRow[]) => all && rows.some(({ index }, at) => index !== cursor.next(log) + at);
  let gap = false;
  const read = await readPages(
    company,
    log,
    question,
    async (rows) => {
      gap ||= leftOut(rows);
      if (gap) return;
      for (let at = 0; at < rows.length; at += batch) {
        const some = rows.slice(at, at + batch);
        const to = (some.at(-1)?.index ?? 0) + 1;
        await untilTaken(streaming, some, { log, filter: question, from: cursor.next(log), to });
        cursor.move(log, to);
        done.rows += some.length;
      }
    },
    cursor.next(log),
  );
  if (read.allowed && (gap || (all && cursor.next(log) < read.value.treeSize)))
    return refuse('evidence_rejected', { clause: `row ${cursor.next(log)} was left out` });
  // Rows of the cosigned tree that do not fit need no second look.
  if (read.allowed && read.value.treeSize > cursor.next(log)) cursor.move(log, read.value.treeSize);
  return read;
}

/** Hands rows over until they were taken, in halves where they were too many; however long that takes. */
async function untilTaken(streaming: Streaming, rows: readonly ProvenRow[], told: Told): Promise<void> {
  const { receiver, once, stop, rest, tell } = streaming;
  for (let failures = 1; ; failures += 1) {
    const answer = await receiver.take(rows, told);
    if (answer.taken) return;
    if (answer.smaller && rows.length > 1) {
      const half = Math.ceil(rows.length / 2);
      const middle = rows[half]?.index ?? told.to;
      await untilTaken(streaming, rows.slice(0, half), { ...told, to: middle });
      return untilTaken(streaming, rows.slice(half), { ...told, from: middle });
    }
    const from = `${rows.length} row(s) from ${rows[0]?.record.id}`;
    if (once) throw new Stopped(`the receiver did not take ${from}: ${answer.why}; run it again, it goes on there`);
    const wait = Math.min(LONGEST_WAIT, answer.waitMs ?? waitAfter(failures));
    tell(`the receiver did not take ${from}: ${answer.why}; again in ${Math.round(wait / 1_000)} s, nothing is lost`);
    await rest(wait);
    if (stop.aborted) throw new Stopped('told to end');
  }
}
