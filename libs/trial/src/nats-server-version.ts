import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** First version of each maintained line that may be run; every later line may. */
export const WANTED_NATS_SERVER = '2.14.3 or later, or 2.12.12 or later in the 2.12 line';

/**
 * True if a nats-server of this version may be run. Unknown text is no.
 */
export function acceptsNatsServer(version: string): boolean {
  const match = /^v?(\d+)\.(\d+)\.(\d+)$/.exec(version);
  if (match === null) return false;
  const [major = 0, minor = 0, patch = 0] = match.slice(1).map(Number);
  if (major !== 2) return major > 2;
  if (minor === 12) return patch >= 12;
  if (minor === 14) return patch >= 3;
  return minor > 14;
}

/** Asks a program for its version. `undefined` if it does not run or is something else. */
export async function natsServerVersion(binary: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(binary, ['-v'], { timeout: 10_000, cwd: '/' });
    return /^nats-server: v(\S+)/m.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}
