import type { Taken } from '@interlock/company-side';
import type { ProvenRow } from '../proven-row.js';
import type { LogQuestion } from '../read-log.js';

/** What a batch answers: its rows are all that fit the filter, of the places of that log from `from` on and before `to`. */
export interface Told {
  readonly log: string;
  readonly filter: LogQuestion;
  readonly from: number;
  readonly to: number;
}

/** Header in which a batch says what it answers: base64url of that JSON. */
export const ANSWER_HEADER = 'interlock-answer';
export const answerHeader = (told: Told): string => Buffer.from(JSON.stringify(told)).toString('base64url');

/** A program that keeps what it is handed. A batch that was not taken is handed over again, so a row may come twice and never not at all. */
export interface Receiver {
  take(rows: readonly ProvenRow[], told: Told): Promise<Taken>;
  /** Ends what is still open to it. */
  close?(): Promise<void>;
}

/** Where a NATS server is told to put the rows: the path of its address. */
export const subjectOf = (to: URL): string => to.pathname.slice(1);
