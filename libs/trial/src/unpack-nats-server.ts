import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { privateAptOptions } from './apt-options.js';
import type { Archive } from './apt-sources.js';

const run = promisify(execFile);
const SUITE = 'sid';

/** The same with a list of sources of its own. */
function privateApt(folder: string): string[] {
  return [
    `-oDir::Etc::sourcelist=${join(folder, 'sources.list')}`,
    `-oDir::Etc::sourceparts=${join(folder, 'parts')}`,
    ...privateAptOptions(folder),
  ];
}

function layOut(folder: string, archive: Archive): void {
  // apt drops its rights while it downloads: its unprivileged user must be able to walk here.
  chmodSync(folder, 0o755);
  for (const part of ['parts', 'lists/partial', 'cache/archives/partial', 'download', 'tree']) {
    mkdirSync(join(folder, part), { recursive: true });
  }
  const signedBy = archive.signedBy === undefined ? '' : `[signed-by=${archive.signedBy}] `;
  writeFileSync(join(folder, 'sources.list'), `deb ${signedBy}${archive.uri} ${SUITE} main\n`);
}

/**
 * Downloads the distribution's nats-server package with the machine's own package manager, which checks its
 * signatures, and unpacks it without installing anything. Needs no rights beyond writing to `cacheDir`.
 *
 * @returns the program inside a folder that the caller moves or removes (`folder`)
 * @throws with the package manager's own words if the archive cannot be reached or is not signed as expected
 */
export async function unpackNatsServer(
  archive: Archive,
  cacheDir: string,
): Promise<{ readonly folder: string; readonly binary: string }> {
  const folder = mkdtempSync(join(cacheDir, 'unpack-'));
  try {
    layOut(folder, archive);
    const options = { cwd: join(folder, 'download'), timeout: 240_000, maxBuffer: 16 * 1024 * 1024 };
    await run('apt-get', [...privateApt(folder), '-qq', '-oAPT::Update::Error-Mode=any', 'update'], options);
    await run('apt-get', [...privateApt(folder), '-qq', 'download', 'nats-server'], options);
    const deb = readdirSync(options.cwd).find((name) => /^nats-server_.*\.deb$/.test(name));
    if (deb === undefined) throw new Error('the package manager downloaded no nats-server package');
    await run('dpkg', ['-x', join(options.cwd, deb), join(folder, 'tree')], options);
    const binary = ['usr/sbin', 'usr/bin'].find((dir) => list(join(folder, 'tree', dir)).includes('nats-server'));
    if (binary === undefined) throw new Error('the nats-server package holds no nats-server program');
    return { folder, binary: join(folder, 'tree', binary, 'nats-server') };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
