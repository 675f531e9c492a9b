import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bareTree, linkLibraries, plant } from './planted-tree.js';
import { ROOT } from './repository.js';

interface Violation {
  readonly rule: { readonly name: string };
  readonly from: string;
}

/** One fault per line: the rule that must name it, the file it is planted in, and what that file says. */
const FAULTS: readonly (readonly [rule: string, file: string, content: string])[] = [
  ['domain-is-pure', 'libs/domain/src/reads-a-file.ts', "import { readFileSync } from 'node:fs'; readFileSync('x');"],
  ['domain-is-pure', 'libs/domain/src/injects.ts', "import { Injectable } from '@nestjs/common'; Injectable();"],
  ['domain-names-no-package', 'libs/domain/src/names-a-type.ts', "import type { z } from 'zod'; export type A = z;"],
  ['contracts-reaches-only-what-is-below', 'libs/contracts/src/up.ts', "import '@interlock/proof';"],
  ['proof-reaches-only-what-is-below', 'libs/proof/src/up.ts', "import '@interlock/client';"],
  ['company-side-reaches-only-what-is-below', 'libs/company-side/src/up.ts', "import '@interlock/bus';"],
  ['client-reaches-only-what-is-below', 'libs/client/src/up.ts', "import '@interlock/chassis';"],
  ['bus-reaches-only-what-is-below', 'libs/bus/src/up.ts', "import '@interlock/company-side';"],
  ['chassis-reaches-only-what-is-below', 'libs/chassis/src/up.ts', "import '@interlock/client';"],
  ['trial-reaches-only-what-is-below', 'libs/trial/src/up.ts', "import '../../chassis/src/index.js';"],
  ['no-app-imports-another', 'apps/grants/src/peeks.ts', "import '../../audit/src/store/leaf.table.js';"],
  ['libraries-know-no-app', 'libs/testkit/src/up.ts', "import '../../../apps/relay/src/clean.js';"],
  ['company-side-has-no-database', 'apps/edge-gateway/src/stores.ts', "import 'typeorm';"],
  ['company-side-has-no-database', 'apps/cli/src/queries.ts', "import 'pg';"],
  ['only-the-command-line-starts-servers', 'apps/company-agent/src/starts.ts', "import '@interlock/trial';"],
  ['company-side-has-no-broker-parts', 'apps/company-agent/src/wires.ts', "import '@interlock/chassis';"],
  ['company-side-has-no-broker-parts', 'apps/relay/src/through-a-friend.ts', "import './friend.js';"],
  ['company-side-library-has-no-broker-parts', 'libs/company-side/src/stores.ts', "import 'pg';"],
  ['tests-parts-stay-in-tests', 'apps/grants/src/borrows.ts', "import '@interlock/testkit';"],
  ['rows-stay-home', 'apps/audit/src/commands/reads-rows.ts', "import '../store/leaf.table.js';"],
  ['nothing-imports-the-edge', 'apps/audit/src/commands/calls-up.ts', "import '../http/append.controller.js';"],
  ['the-store-calls-nobody', 'apps/audit/src/store/calls-up.ts', "import '../commands/append.js';"],
  ['the-edge-knows-no-rows', 'apps/audit/src/http/shortcut.ts', "import '../store/leaves.js';"],
  ['no-cycles', 'libs/proof/src/one.ts', "import './two.js';"],
  ['nothing-unresolved', 'apps/grants/src/loses.ts', "import './nowhere.js';"],
];

/** Files that break nothing, some of which the faults need. */
const INNOCENT: Readonly<Record<string, string>> = {
  'libs/contracts/src/clean.ts': "import '@interlock/domain'; import 'zod';",
  'libs/proof/src/clean.ts': "import { z } from 'zod'; import '@interlock/contracts'; void z;",
  'libs/chassis/src/clean.ts': "import 'typeorm'; import '@nestjs/common'; import '@interlock/proof';",
  'libs/trial/src/clean.ts': "import 'pg'; import 'node:fs';",
  'apps/cli/src/clean.ts': "import '@interlock/trial';",
  'apps/relay/src/clean.ts': "import '@interlock/company-side'; import 'node:net';",
  'apps/audit/src/store/leaf.table.ts': 'export const leaf = 1;',
  'apps/audit/src/store/leaves.ts': "import './leaf.table.js'; import '@interlock/chassis';",
  'apps/audit/src/commands/append.ts': "import '../store/leaves.js'; import '@interlock/domain';",
  'apps/audit/src/http/append.controller.ts': "import '../commands/append.js';",
};

/** Partners in crime: needed by a fault, and faults of another rule themselves. */
const ACCOMPLICES: Readonly<Record<string, string>> = {
  'apps/relay/src/friend.ts': "import '@interlock/chassis';",
  'libs/proof/src/two.ts': "import './one.js';",
};

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function violationsIn(files: Readonly<Record<string, string>>): Violation[] {
  const folder = plant({ ...bareTree(), ...files });
  folders.push(folder);
  linkLibraries(folder);
  cpSync(join(ROOT, 'tsconfig.base.json'), join(folder, 'tsconfig.base.json'));
  const config = join(ROOT, '.dependency-cruiser.cjs');
  const args = ['--config', config, '--output-type', 'json', 'apps', 'libs'];
  const options = { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: 'pipe' } as const;
  try {
    return parse(execFileSync(join(ROOT, 'node_modules/.bin/depcruise'), args, options));
  } catch (error) {
    // Ends with the number of faults it found.
    return parse((error as { stdout: string }).stdout);
  }
}

function parse(answer: string): Violation[] {
  return (JSON.parse(answer) as { summary: { violations: Violation[] } }).summary.violations;
}

describe('boundaries between folders', () => {
  let planted: string[];
  beforeAll(() => {
    const faults = Object.fromEntries(FAULTS.map(([, file, content]) => [file, `${content}\n`]));
    planted = violationsIn({ ...INNOCENT, ...ACCOMPLICES, ...faults }).map(({ rule, from }) => `${rule.name}: ${from}`);
  }, 60_000);

  it('a tree of our shape without a fault passes', () => {
    expect(violationsIn(INNOCENT).map(({ rule, from }) => `${rule.name}: ${from}`)).toEqual([]);
  }, 60_000);

  it.each(FAULTS)('%s names the fault in %s', (rule, file) => {
    expect(planted).toContain(`${rule}: ${file}`);
  });

  it('no file is named that has no fault', () => {
    const guilty = new Set([...FAULTS.map(([, file]) => file), ...Object.keys(ACCOMPLICES)]);
    expect(planted.filter((line) => !guilty.has(line.split(': ')[1] ?? ''))).toEqual([]);
  });

  it('every rule has a planted fault', () => {
    const config = createRequire(import.meta.url)(join(ROOT, '.dependency-cruiser.cjs')) as {
      forbidden: { name: string; severity: string }[];
    };
    expect([...new Set(FAULTS.map(([rule]) => rule))].toSorted()).toEqual(
      config.forbidden.map((one) => one.name).toSorted(),
    );
    expect(config.forbidden.every((one) => one.severity === 'error')).toBe(true);
  });
});
