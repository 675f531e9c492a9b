import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from './interlock-up.js';

/** A real machine's recording beside this repository. A user's clone has none; with CI set its absence is a failure. */
export const RECORDING = join(ROOT, '..', 'shared', 'data', 'mtconnect-okuma-shdr', 'okuma.txt');
export const isRecordingHere = (): boolean => existsSync(RECORDING);
export const isRecordingWanted = (): boolean => isRecordingHere() || process.env.CI === 'true';

const FIELDS = ['User Name', 'Machine Name', 'Domain Name', 'Serial Number'];

/** What the machine's control says of its user, its computer, its domain and its licences, read from the recording itself. */
export async function namesInRecording(): Promise<string[]> {
  const names = new Set<string>();
  const lines = createInterface({ input: createReadStream(RECORDING) });
  for await (const line of lines)
    for (const field of FIELDS)
      for (const [, name = ''] of line.matchAll(new RegExp(`${field} = ([^;|]+);`, 'g'))) names.add(name.trim());
  return [...names].filter((name) => name !== '');
}
