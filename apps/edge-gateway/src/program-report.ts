import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { RELEASE } from '@interlock/contracts';
import { FUNCTION_RIGHTS, type ProgramReport, TERMS } from '@interlock/domain';

/** What this program is and what it can judge: both companies ask before they sign a term that it would have to enforce. */
export function programReport(file: string | undefined = process.argv[1]): ProgramReport {
  const rights = Object.entries(FUNCTION_RIGHTS).flatMap(([service, all]) => all.map((right) => `${service}:${right}`));
  return {
    version: RELEASE,
    digest: digestOf(file),
    node: process.version,
    tzdata: process.versions.tz ?? 'none',
    evaluators: Object.keys(TERMS).sort(),
    functionRights: rights,
  };
}

function digestOf(file: string | undefined): string | null {
  try {
    return file === undefined ? null : createHash('sha256').update(readFileSync(file)).digest('hex');
  } catch {
    return null;
  }
}

/** Read once: the file may be replaced while the program runs. */
export const PROGRAM = programReport();
