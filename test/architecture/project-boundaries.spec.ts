import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bareTree, linkLibraries, packageJson, plant } from './planted-tree.js';
import { jsonOf, ROOT, textOf, trackedFiles } from './repository.js';

const OPTIONS = { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: 'pipe' } as const;

const FAULTS: readonly (readonly [file: string, content: string])[] = [
  ['libs/domain/src/injects.ts', "import { z } from 'zod';"],
  ['libs/contracts/src/up.ts', "import * as up from '@interlock/proof';"],
  ['libs/company-side/src/stores.ts', "import * as pg from 'pg';"],
  ['libs/client/src/up.ts', "import * as up from '@interlock/chassis';"],
  ['apps/relay/src/wires.ts', "import * as chassis from '@interlock/chassis';"],
  ['apps/relay/src/stores.ts', "import * as typeorm from 'typeorm';"],
  ['apps/grants/src/peeks.ts', "import * as other from '../../relay/src/clean.js';"],
];

const CLEAN: Readonly<Record<string, string>> = {
  'libs/proof/src/clean.ts': "import { contracts } from '@interlock/contracts'; console.log(contracts);\n",
  'apps/relay/src/clean.ts': "import { companyside } from '@interlock/company-side'; console.log(companyside);\n",
  'apps/grants/src/clean.ts':
    "import { chassis } from '@interlock/chassis'; import * as pg from 'pg'; console.log(chassis, pg);\n",
};

let folder: string;
let named: string[];

/** Everything but the workspace's own links comes from the real installation. */
function linkPackages(): void {
  linkLibraries(folder);
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (['@interlock', 'typeorm', 'pg', '@nestjs', 'zod', '.bin', '.cache'].includes(name)) continue;
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  }
}

beforeAll(() => {
  const root = { name: 'planted', version: '0.1.0', private: true, type: 'module', workspaces: ['apps/*', 'libs/*'] };
  const dependencies = { typeorm: '1.0.0', pg: '1.0.0', zod: '1.0.0', '@nestjs/common': '1.0.0' };
  folder = plant({
    ...bareTree(),
    'package.json': JSON.stringify({ ...root, dependencies }),
    'apps/relay/package.json': packageJson('@interlock/relay', 'kind:partner'),
    'apps/grants/package.json': packageJson('@interlock/grants', 'kind:service'),
    ...CLEAN,
    ...Object.fromEntries(FAULTS.map(([file, content]) => [file, `${content}\n`])),
  });
  for (const file of ['nx.json', 'tsconfig.base.json', 'package-lock.json', 'eslint.config.mjs']) {
    cpSync(join(ROOT, file), join(folder, file));
  }
  linkPackages();
  named = answer();
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function answer(): string[] {
  const env = { ...process.env, NX_DAEMON: 'false', NX_ISOLATE_PLUGINS: 'false', NX_WORKSPACE_ROOT_PATH: folder };
  const options = { ...OPTIONS, cwd: folder, env };
  execFileSync(join(ROOT, 'node_modules/.bin/nx'), ['graph', '--file=graph.json'], options);
  try {
    return files(execFileSync(join(ROOT, 'node_modules/.bin/eslint'), ['--format', 'json', 'apps', 'libs'], options));
  } catch (error) {
    return files((error as { stdout: string }).stdout);
  }
}

function files(report: string): string[] {
  const results = JSON.parse(report) as { filePath: string; messages: { ruleId: string; message: string }[] }[];
  return results.flatMap(({ filePath, messages }) =>
    messages.map(({ ruleId }) => `${ruleId}: ${filePath.slice(folder.length + 1)}`),
  );
}

describe('boundaries between projects', () => {
  it.each(FAULTS)('the Nx rule names the fault in %s', (file) => {
    expect(named).toContain(`@nx/enforce-module-boundaries: ${file}`);
  });

  it('no file is named that has no fault', () => {
    const guilty = FAULTS.map(([file]) => `@nx/enforce-module-boundaries: ${file}`);
    expect(named.filter((line) => !guilty.includes(line))).toEqual([]);
  });

  it('every project says of which kind it is, once, and every kind has a rule', () => {
    const rules = textOf('eslint.config.mjs');
    for (const file of trackedFiles(/^(apps|libs)\/[^/]+\/package\.json$/)) {
      const tags = jsonOf<{ nx?: { tags?: string[] } }>(file).nx?.tags ?? [];
      expect([file, tags]).toEqual([file, [expect.stringMatching(/^kind:/)]]);
      expect(rules).toContain(`sourceTag: '${tags[0]}'`);
    }
  });
});
