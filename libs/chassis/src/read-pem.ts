import { readFileSync } from 'node:fs';
import { StartError } from './fault.js';

/** Text of a file that a setting names. Throws `StartError` with the setting's name where it cannot be read. */
export function readPem(setting: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new StartError(`the file that ${setting} names cannot be read`, { cause });
  }
}
