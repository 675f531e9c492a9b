import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Files of a small repository of our shape, by path. */
export type Tree = Readonly<Record<string, string>>;

/** Writes a tree to a temporary folder, and removes nothing: the caller does. */
export function plant(tree: Tree): string {
  const folder = mkdtempSync(join(tmpdir(), 'interlock-planted-'));
  for (const [file, content] of Object.entries(tree)) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
  return folder;
}

const LIBS = ['domain', 'contracts', 'proof', 'company-side', 'client', 'bus', 'chassis', 'trial', 'testkit'];

/** The parts every planted tree has: empty libraries, and stand-ins for the packages that rules speak of. */
export function bareTree(): Tree {
  const packages = ['typeorm', 'pg', '@nestjs/common', 'zod'].flatMap((name) => [
    [`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' })],
    [`node_modules/${name}/index.js`, 'module.exports = {};\n'],
  ]);
  const libs = LIBS.flatMap((lib) => [
    [`libs/${lib}/src/index.ts`, `export const ${lib.replace('-', '')} = 1;\n`],
    [`libs/${lib}/package.json`, packageJson(`@interlock/${lib}`, `kind:${lib}`)],
  ]);
  return Object.fromEntries([...packages, ...libs]);
}

/** A project's package.json as the repository writes it. */
export function packageJson(name: string, tag: string): string {
  const source = { '@interlock/source': './src/index.ts', default: './dist/index.js' };
  return JSON.stringify({
    name,
    version: '0.1.0',
    private: true,
    type: 'module',
    exports: { '.': source },
    nx: { tags: [tag] },
  });
}

/** Links `@interlock/<lib>` to the planted libraries, as npm does for workspaces. */
export function linkLibraries(folder: string): void {
  mkdirSync(join(folder, 'node_modules/@interlock'), { recursive: true });
  for (const lib of LIBS) symlinkSync(join(folder, 'libs', lib), join(folder, 'node_modules/@interlock', lib));
}
