import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openCacheFolder } from './cache-folder.js';
import { librariesIn, unpackPackages } from './unpack-packages.js';

const PROGRAM = 'usr/sbin/clamd';
const PACKAGES = { names: ['clamav-daemon'], unpacked: /^(clamav-daemon|lib.*)_.*\.deb$/, programs: [PROGRAM] };

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
      await unpackPackages(folder, kept, PACKAGES);
    } catch (cause) {
      onProgress(`no clamd: ${cause instanceof Error ? cause.message.trim() : String(cause)}`);
      return undefined;
    }
  }
  return { program: join(kept, PROGRAM), libraries: librariesIn(kept)[0] ?? join(kept, 'usr/lib') };
}
