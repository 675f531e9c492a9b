import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { privateAptOptions } from './apt-options.js';
import { openCacheFolder } from './cache-folder.js';

const run = promisify(execFile);
const PROGRAM = 'usr/sbin/clamd';

/** A clamd that may be run, with the folder of the libraries it was built against. */
export interface Clamd {
  readonly program: string;
  readonly libraries: string | undefined;
}

/**
 * Finds clamd: the one of the system, else the packages of this machine's own distribution, downloaded by its signed package manager
 * and unpacked into the cache; nothing is installed and no signature database is fetched.
 *
 * @returns nothing where there is none and none can be fetched; `onProgress` then says why
 */
export async function findClamd(cacheDir: string, onProgress: (line: string) => void): Promise<Clamd | undefined> {
  if (existsSync(`/${PROGRAM}`)) return { program: `/${PROGRAM}`, libraries: undefined };
  const folder = openCacheFolder(cacheDir);
  const kept = join(folder, 'clamd');
  if (!existsSync(join(kept, PROGRAM))) {
    onProgress('downloading the clamd packages of the distribution (about 7 MB, once)');
    try {
      await fetchPackages(folder, kept);
    } catch (cause) {
      onProgress(`no clamd: ${cause instanceof Error ? cause.message.trim() : String(cause)}`);
      return undefined;
    }
  }
  const libraries = join(kept, 'usr/lib');
  const triplet = readdirSync(libraries).find((name) => name.includes('-linux-'));
  return { program: join(kept, PROGRAM), libraries: triplet === undefined ? libraries : join(libraries, triplet) };
}

async function fetchPackages(cacheDir: string, kept: string): Promise<void> {
  const folder = mkdtempSync(join(cacheDir, 'unpack-'));
  try {
    // apt drops its rights while it downloads: its unprivileged user must be able to walk here.
    chmodSync(folder, 0o755);
    for (const part of ['lists/partial', 'cache/archives/partial', 'tree']) {
      mkdirSync(join(folder, part), { recursive: true });
    }
    const apt = [...privateAptOptions(folder), '-qq', '-y'];
    const options = { cwd: folder, timeout: 120_000, maxBuffer: 16 * 1024 * 1024 };
    await run('apt-get', [...apt, '-oAPT::Update::Error-Mode=any', 'update'], options);
    await run('apt-get', [...apt, '--no-install-recommends', '--download-only', 'install', 'clamav-daemon'], options);
    const archives = join(folder, 'cache/archives');
    for (const deb of readdirSync(archives).filter((name) => /^(clamav-daemon|lib.*)_.*\.deb$/.test(name))) {
      await run('dpkg', ['-x', join(archives, deb), join(folder, 'tree')], options);
    }
    if (!existsSync(join(folder, 'tree', PROGRAM))) throw new Error('the packages hold no clamd program');
    // In one step: two starts at once both end with a whole tree there.
    if (!existsSync(kept)) renameSync(join(folder, 'tree'), kept);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
