import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { FUNCTION_RIGHTS, TERMS } from '@interlock/domain';

export interface ProgramReport {
  /** SHA-256 of the program file that runs, as `sha256sum` prints it; null where it cannot be read. */
  readonly digest: string | null;
  readonly node: string;
  /** Version of the time zone database that windows are judged by. */
  readonly tzdata: string;
  readonly evaluators: readonly string[];
  readonly functionRights: readonly string[];
}

/** What this program is and what it can judge: both companies ask before they sign a term that it would have to enforce. */
export function programReport(file: string | undefined = process.argv[1]): ProgramReport {
  const rights = Object.entries(FUNCTION_RIGHTS).flatMap(([service, all]) => all.map((right) => `${service}:${right}`));
  return {
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
