import { CLEAN, notClean, type ScanFinding } from './verdict.js';

const FOUND = /^stream: (.{1,300}) FOUND$/;
const LIMITS = 'Heuristics.Limits.Exceeded';
const ENCRYPTED = 'Heuristics.Encrypted';

/**
 * What one answer of clamd to INSTREAM says (clamd(8); without the NUL that ends it). Anything but exactly `stream: OK` is not clean;
 * a limit that was hit says that not all was looked at, not that something was found.
 */
export function readEngineAnswer(answer: string): ScanFinding {
  if (answer === 'stream: OK') return CLEAN;
  const signature = FOUND.exec(answer)?.[1];
  if (signature === undefined) {
    return notClean(answer.startsWith('INSTREAM size limit exceeded') ? 'engine_limit' : 'engine_failed');
  }
  if (signature.startsWith(LIMITS)) return notClean('engine_limit', signature);
  if (signature.startsWith(ENCRYPTED)) return notClean('encrypted', signature);
  return notClean('signature', signature);
}
