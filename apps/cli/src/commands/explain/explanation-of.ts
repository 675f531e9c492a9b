import { type Explanation, explanationOf } from '@interlock/contracts';
import { endingOf } from '../endings.js';

/** A code in words; `status` and who can mend it are null for the end of a session. */
export type Explained = {
  [K in keyof Explanation]: Explanation[K] | (K extends 'status' | 'whoCanMend' ? null : never);
};

/** What a code of a refusal, of a fault or of the end of a session means; undefined for a code that does not exist. */
export function explained(code: string): Explained | undefined {
  const ending = endingOf(code);
  return (
    explanationOf(code) ?? (ending && { code, status: null, whoCanMend: null, ...ending, means: `${ending.means}.` })
  );
}
