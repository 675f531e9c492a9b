import type { RefusalRow } from './refusal-row.js';
import { REFUSALS_AT_DOORS } from './refusals-at-doors.js';
import { REFUSALS_OF_AGREEMENTS } from './refusals-of-agreements.js';
import { REFUSALS_OF_DOCUMENTS } from './refusals-of-documents.js';
import { REFUSALS_OF_EMBARGO } from './refusals-of-embargo.js';
import { REFUSALS_OF_LOGS } from './refusals-of-logs.js';
import { REFUSALS_OF_RIGHTS } from './refusals-of-rights.js';

/**
 * Every refusal code there is, with the HTTP status, who can mend it, and the sentence a person reads: what is wrong, and after
 * the semicolon what to do. "No such thing" and "not yours" share one answer: existence is itself confidential.
 */
export const REFUSALS = {
  ...REFUSALS_OF_DOCUMENTS,
  ...REFUSALS_OF_AGREEMENTS,
  ...REFUSALS_OF_RIGHTS,
  ...REFUSALS_OF_EMBARGO,
  ...REFUSALS_AT_DOORS,
  ...REFUSALS_OF_LOGS,
} as const satisfies Record<string, RefusalRow>;

export type RefusalCode = keyof typeof REFUSALS;
