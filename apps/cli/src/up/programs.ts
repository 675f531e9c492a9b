import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reachableCopy } from '@interlock/trial';

/** The folder this clone or installation stands in: the bundled command line is `dist/apps/cli/main.js` in it. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** Where the bundle of an app is, for a process that runs as this user. */
export function program(app: string): string {
  const file = join(ROOT, 'dist', 'apps', app, 'main.js');
  if (!existsSync(file)) throw new Error(`${file} is missing; run "npm start", which builds it`);
  return file;
}

/** The same for a process that runs as another user and may not be able to walk to this folder. */
export const programForOthers = (app: string, cacheDir: string): string => reachableCopy(program(app), cacheDir);
