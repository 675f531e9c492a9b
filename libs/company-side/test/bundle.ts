import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');

/** Bundles a program of the workspace into one file that a child process can run. */
export function bundle(entry: string, outfile: string): string {
  execFileSync(
    join(ROOT, 'node_modules/.bin/esbuild'),
    [
      entry,
      '--bundle',
      '--platform=node',
      '--format=esm',
      '--target=node20',
      '--conditions=@interlock/source',
      `--outfile=${outfile}`,
      '--log-level=error',
      '--banner:js=import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    ],
    { cwd: ROOT, stdio: 'pipe' },
  );
  return outfile;
}
