import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The folder of this repository. */
export const ROOT = resolve(import.meta.dirname, '../..');

/** Every file the repository holds, by path from its root; what is ignored or not added yet is not there. */
export function trackedFiles(pattern = /./): string[] {
  const listed = execFileSync('git', ['-c', 'safe.directory=*', 'ls-files', '-z'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return listed.split('\0').filter((file) => file !== '' && pattern.test(file));
}

/** The text of a tracked file; empty if it was removed and that is not committed yet. */
export function textOf(file: string): string {
  try {
    return readFileSync(join(ROOT, file), 'utf8');
  } catch {
    return '';
  }
}

/** A JSON file of the repository. The caller says what is in it; nothing checks that. */
export function jsonOf<T>(file: string): T {
  return JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as T;
}
