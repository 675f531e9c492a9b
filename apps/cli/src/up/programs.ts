import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reachableCopy } from '@interlock/trial';

/** The folder this clone or installation stands in: the bundled command line is `dist/apps/cli/main.js` in it. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/**
 * How a program of the trial is started. A process that idles beside seventeen others needs no 16 MiB for each half of its young objects, and
 * no heap of malloc per core: what both cost is in bench P12.
 */
export const NODE_ARGUMENTS = ['--enable-source-maps', '--max-semi-space-size=2'] as const;
export const MEMORY = { MALLOC_ARENA_MAX: '2' } as const;

/** Where the bundle of an app is, for a process that runs as this user. */
export function program(app: string): string {
  const file = join(ROOT, 'dist', 'apps', app, 'main.js');
  if (!existsSync(file)) throw new Error(`${file} is missing; run "npm start", which builds it`);
  return file;
}

/** The same for a process that runs as another user and may not be able to walk to this folder. */
export const programForOthers = (app: string, cacheDir: string): string => reachableCopy(program(app), cacheDir);
