import { FAULTS, SERVICES_AWAY } from './faults.js';
import { type ProblemRow, WHO_CAN_MEND } from './refusal-row.js';
import { REFUSALS } from './refusals.js';

/** A code in words: what its page says, and `interlock explain`. */
export interface Explanation {
  readonly code: string;
  /** HTTP status that goes with it. */
  readonly status: number;
  readonly means: string;
  readonly whoCanMend: string;
  readonly whatToDo: string;
}

const ROWS: Readonly<Record<string, ProblemRow>> = { ...REFUSALS, ...FAULTS, ...SERVICES_AWAY };

/** Every code that a problem document may carry. */
export const PROBLEM_CODES: readonly string[] = Object.keys(ROWS);

/** What a code means, who can mend it and what to do; undefined for one that no problem carries. */
export function explanationOf(code: string): Explanation | undefined {
  const row = Object.hasOwn(ROWS, code) ? ROWS[code] : undefined;
  if (row === undefined) return undefined;
  const [means = '', ...advice] = row.title.split('; ');
  const whatToDo = sentence(advice.join('; '));
  return { code, status: row.status, means: sentence(means), whoCanMend: sentence(WHO_CAN_MEND[row.who]), whatToDo };
}

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

/** Where the page of a code is, at whoever answered with it (RFC 9457 section 3.1.1). A code without a page has no address. */
export const problemType = (origin: string, code: string): string =>
  Object.hasOwn(ROWS, code) ? `${origin}/errors/${code}` : 'about:blank';
