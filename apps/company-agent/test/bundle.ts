import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');

/** Bundles the agent into one file that a child process can run. */
export function bundleAgent(outfile: string): string {
  const entry = join(ROOT, 'apps/company-agent/src/main.ts');
  execFileSync(
    join(ROOT, 'node_modules/.bin/esbuild'),
    [
      ...[entry, '--bundle', '--platform=node', '--format=esm', '--target=node20', '--conditions=@interlock/source'],
      ...[`--outfile=${outfile}`, '--log-level=error'],
      '--banner:js=import { createRequire as requireOfBundle } from "node:module"; const require = requireOfBundle(import.meta.url);',
    ],
    { cwd: ROOT, stdio: 'pipe' },
  );
  return outfile;
}
