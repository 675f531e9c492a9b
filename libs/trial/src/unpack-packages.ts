import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { privateAptOptions } from './apt-options.js';

const run = promisify(execFile);

export interface WantedPackages {
  /** Names by which the distribution knows them; what they need comes with them, as far as this machine has it not. */
  readonly names: readonly string[];
  /** Which of the downloaded archives are unpacked, by file name. */
  readonly unpacked: RegExp;
  /** Programs that must be there afterwards, as paths from the root of the file system. */
  readonly programs: readonly string[];
}

/**
 * Downloads packages of this machine's own distribution with its own package manager, which checks their signatures, and unpacks them into the
 * folder `kept` inside `cacheDir`; nothing is installed. Where the folder is there with its programs, nothing is done.
 *
 * @throws with the package manager's own words where the archive cannot be reached or is not signed as expected
 */
export async function unpackPackages(cacheDir: string, kept: string, wanted: WantedPackages): Promise<void> {
  const whole = (folder: string) => wanted.programs.every((program) => existsSync(join(folder, program)));
  if (whole(kept)) return;
  const folder = mkdtempSync(join(cacheDir, 'unpack-'));
  try {
    // apt drops its rights while it downloads: its unprivileged user must be able to walk here.
    chmodSync(folder, 0o755);
    for (const part of ['lists/partial', 'cache/archives/partial', 'tree'])
      mkdirSync(join(folder, part), { recursive: true });
    const apt = [...privateAptOptions(folder), '-qq', '-y'];
    const options = { cwd: folder, timeout: 120_000, maxBuffer: 16 * 1024 * 1024 };
    await run('apt-get', [...apt, '-oAPT::Update::Error-Mode=any', 'update'], options);
    await run('apt-get', [...apt, '--no-install-recommends', '--download-only', 'install', ...wanted.names], options);
    const archives = join(folder, 'cache/archives');
    for (const deb of readdirSync(archives).filter((name) => wanted.unpacked.test(name)))
      await run('dpkg', ['-x', join(archives, deb), join(folder, 'tree')], options);
    if (!whole(join(folder, 'tree'))) throw new Error(`the packages do not hold ${wanted.programs.join(', ')}`);
    // In one step: two starts at once both end with a whole tree there.
    if (!existsSync(kept)) renameSync(join(folder, 'tree'), kept);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Folders in which unpacked programs find the libraries that came with them. */
export function librariesIn(kept: string): readonly string[] {
  return ['usr/lib', 'lib'].flatMap((place) => {
    const folder = join(kept, place);
    const of = existsSync(folder) ? readdirSync(folder).filter((name) => name.includes('-linux-')) : [];
    return of.map((name) => join(folder, name));
  });
}
