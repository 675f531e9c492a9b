import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** True if any user can walk through every folder from the root to this one, itself included. */
export function passable(folder: string): boolean {
  for (let at = realpathSync(folder); ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** True if any user can read this file, or list this folder (a home folder with mode 0700 on the way says no). */
export function walkable(path: string): boolean {
  const real = realpathSync(path);
  return passable(dirname(real)) && (statSync(real).mode & 0o004) !== 0;
}

/**
 * A path with the same content that any user can read and run: the path itself where it can be walked to, else a copy
 * in the program cache, made once and put in place in one step.
 *
 * @param source a file or folder; it must not change under the same `version`
 * @param version tells copies of different content apart; without it, size and time of the source do
 * @returns absolute path
 */
export function reachableCopy(source: string, cacheDir: string, version?: string): string {
  if (walkable(source) && readable(source)) return source;
  const stat = statSync(source);
  const tell =
    version ?? createHash('sha256').update(`${source} ${stat.size} ${stat.mtimeMs}`).digest('hex').slice(0, 16);
  const target = join(cacheDir, `${basename(source)}-${tell}`);
  if (existsSync(target)) return target;
  const staging = mkdtempSync(join(cacheDir, 'keep-'));
  try {
    const staged = join(staging, 'copy');
    cpSync(source, staged, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    open(staged);
    renameSync(staged, target);
  } catch (error) {
    // Another start may have put the same copy there first.
    if (!existsSync(target)) throw error;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  return target;
}

function entries(path: string): string[] {
  return readdirSync(path).map((name) => join(path, name));
}

function readable(path: string): boolean {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return true;
  if ((stat.mode & 0o004) === 0) return false;
  return !stat.isDirectory() || entries(path).every(readable);
}

function open(path: string): void {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return;
  const run = stat.isDirectory() || (stat.mode & 0o100) !== 0;
  chmodSync(path, run ? 0o755 : 0o644);
  if (stat.isDirectory()) entries(path).forEach(open);
}
