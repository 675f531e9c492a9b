import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where the cache would stand for this user, best place first. */
function candidates(uid: number): string[] {
  const own = join(tmpdir(), `interlock-cache-${uid}`);
  return uid === 0 ? ['/var/cache/interlock', own] : [own];
}

/**
 * Says why a folder must not be used to run programs from, or nothing if it may.
 * The temp folder is writable by everyone: whoever makes our folder first would choose the programs we run.
 */
export function distrust(folder: string, uid: number): string | undefined {
  const stat = lstatSync(folder);
  if (!stat.isDirectory()) return `${folder} is not a folder`;
  if (stat.uid !== uid) return `${folder} belongs to another user (${stat.uid})`;
  if ((stat.mode & 0o022) !== 0) return `${folder} can be written by others`;
  return undefined;
}

/**
 * Makes (or finds) the folder for downloaded and copied programs. It is shared by all clones of one user, has mode
 * 0755 so that an unprivileged server process can walk to its own program, and holds nothing secret.
 *
 * @throws if the folder exists and another user could have put programs into it
 */
export function openCacheFolder(folder?: string): string {
  const uid = process.getuid?.() ?? 0;
  const faults: string[] = [];
  for (const candidate of folder === undefined ? candidates(uid) : [folder]) {
    try {
      mkdirSync(candidate, { recursive: true, mode: 0o755 });
      const fault = distrust(candidate, uid);
      if (fault === undefined) {
        chmodSync(candidate, 0o755);
        return candidate;
      }
      faults.push(fault);
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(`no folder for the program cache: ${faults.join('; ')}. Remove or correct it and start again.`);
}
