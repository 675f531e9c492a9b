import { closeSync, fsyncSync, openSync, readFileSync, writeFileSync } from 'node:fs';

/** Adds lines to a file, on disk when it returns; false where that failed. A line that an earlier crash tore is closed first. */
export function appendLines(file: string, lines: readonly string[]): boolean {
  try {
    const descriptor = openSync(file, 'a', 0o600);
    try {
      writeFileSync(descriptor, lines.map((line) => `\n${line}\n`).join(''));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    return true;
  } catch {
    return false;
  }
}

/** The lines of a file, empty ones too; none where there is no file. */
export function readLines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw cause;
  }
}
