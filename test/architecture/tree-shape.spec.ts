import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { plant } from './planted-tree.js';
import { ROOT, textOf, trackedFiles } from './repository.js';

const SOURCE = /\.(ts|tsx|mjs|cjs|js|sql|css|html|sh)$/;
const NAMELESS = new Set([
  'common',
  'shared',
  'utils',
  'util',
  'helpers',
  'core',
  'types',
  'interfaces',
  'misc',
  'lib',
]);

const namelessFolders = (files: readonly string[]) =>
  files.filter((file) =>
    file
      .split('/')
      .slice(0, -1)
      .some((part) => NAMELESS.has(part)),
  );

const tooLong = (text: string) => text.split('\n').length - 1 > 300;

/**
 * A test that waits for the clock is slow when it passes and wrong when the machine is busy. Waiting a few milliseconds
 * before a condition is asked again is not that; a tenth of a second and more is.
 */
function sleeps(text: string): boolean {
  if (/new Promise(<[^>]*>)?\(\s*\(?\w*\)?\s*=>\s*\{?\s*(void\s+)?setTimeout\(/.test(text)) return true;
  const alias = /import \{ setTimeout as (\w+) \} from 'node:timers\/promises'/.exec(text)?.[1];
  return new RegExp(`await (${alias ?? 'sleep'}|sleep|delay|pause)\\(\\s*\\d[\\d_]{2,}`).test(text);
}
const MOCK = new RegExp(['jest', '(unstable_)?[mM]ock(Module)?\\('].join('\\.'));

const SPECS = trackedFiles(/\.spec\.ts$|^test\/.*\.ts$|^libs\/testkit\/.*\.ts$/).filter(
  (file) => !file.startsWith('test/bench/'),
);

describe('the shape of the tree', () => {
  it('a folder is called after what is in it', () => {
    expect(namelessFolders(['libs/domain/src/utils/x.ts', 'apps/grants/src/lease/x.ts'])).toHaveLength(1);
    expect(namelessFolders(trackedFiles())).toEqual([]);
  });

  it('no file is longer than 300 lines', () => {
    expect(tooLong('\n'.repeat(301))).toBe(true);
    expect(tooLong('\n'.repeat(300))).toBe(false);
    expect(trackedFiles(SOURCE).filter((file) => tooLong(textOf(file)))).toEqual([]);
  });

  it('names of files are words with hyphens', () => {
    const odd = trackedFiles(/^(apps|libs|test|tools)\/.*\.(ts|tsx|mjs)$/).filter(
      (file) =>
        // A bench may carry the id of its figure.
        !/^([a-z0-9]+(-[a-z0-9]+)*|[PR]\d+[a-c]?)(\.[a-z0-9-]+)*$/.test(file.split('/').at(-1) ?? ''),
    );
    expect(odd).toEqual([]);
  });

  it('no test waits for the clock', () => {
    expect(sleeps('await new Promise((resolve) => setTimeout(resolve, 300));')).toBe(true);
    expect(sleeps('await new Promise<void>((r) => { setTimeout(r, 300) });')).toBe(true);
    expect(sleeps("import { setTimeout as nap } from 'node:timers/promises';\nawait nap(1_000);")).toBe(true);
    expect(sleeps('await until(() => done, 5000);')).toBe(false);
    expect(sleeps('while (!(await done())) await pause(20);')).toBe(false);
    expect(SPECS.filter((file) => file !== 'test/architecture/tree-shape.spec.ts' && sleeps(textOf(file)))).toEqual([]);
  });

  it('no test waits for what may never come true and goes on', () => {
    // It answers false then; `comesTrue` fails.
    const goesOn = (text: string) =>
      /\buntil\b[^}]*\} from '@interlock\/trial'/.test(text) && /^\s*await until\(/m.test(text);
    expect(goesOn("import { until } from '@interlock/trial';\n  await until(done, 1);")).toBe(true);
    expect(SPECS.filter((file) => file.endsWith('.spec.ts') && goesOn(textOf(file)))).toEqual([]);
  });

  it('no test replaces a module', () => {
    expect(MOCK.test(`${'jest'}.mock('x')`)).toBe(true);
    expect(SPECS.filter((file) => MOCK.test(textOf(file)))).toEqual([]);
  });

  it('nothing is exported without a name, but what a tool demands', () => {
    const exporting = trackedFiles(/^(apps|libs)\/.*\.tsx?$/).filter((file) => /^export default/m.test(textOf(file)));
    expect(exporting.filter((file) => !/\.config\.ts$/.test(file))).toEqual([]);
  });

  it('no rule of a linter is silenced in a file', () => {
    const words = new RegExp(
      ['eslint-disable', 'oxlint-disable', 'biome-ignore', '@ts-ignore', '@ts-nocheck'].join('|'),
    );
    const silent = trackedFiles(SOURCE).filter((file) => words.test(textOf(file)));
    expect(silent.filter((file) => file !== 'test/architecture/tree-shape.spec.ts')).toEqual([]);
  });
});

describe('what the linters refuse', () => {
  const body = (lines: number) =>
    Array.from({ length: lines }, (_, at) => `  let a${at} = ${at}; a${at} += 1;`).join('\n');
  const FAULTS: readonly (readonly [rule: string, file: string, text: string])[] = [
    ['max-lines-per-function', 'libs/a/src/long.ts', `export function long() {\n${body(41)}\n}\n`],
    ['max-lines', 'libs/a/src/endless.ts', '// line\n'.repeat(301)],
    ['no-explicit-any', 'libs/a/src/vague.ts', 'export const vague = (x: any) => x;\n'],
    [
      'no-floating-promises',
      'libs/a/src/forgets.ts',
      'export async function go() {}\nexport function forgets() {\n  go();\n}\n',
    ],
    ['ban-ts-comment', 'libs/a/src/hushed.ts', `// @${'ts-ignore'}\nexport const hushed: string = 1;\n`],
    [
      'no-disabled-tests',
      'libs/a/src/skipped.spec.ts',
      "import { it } from '@jest/globals';\nit.skip('x', () => {});\n",
    ],
  ];
  let folder: string;
  let answer: string;

  beforeAll(() => {
    folder = plant({
      ...Object.fromEntries(FAULTS.map(([, file, text]) => [file, text])),
      'tsconfig.json': JSON.stringify({ compilerOptions: { strict: true, target: 'es2022' }, include: ['libs'] }),
    });
    cpSync(join(ROOT, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
    try {
      answer = execFileSync(join(ROOT, 'node_modules/.bin/oxlint'), ['--type-aware', '--format=unix'], {
        cwd: folder,
        encoding: 'utf8',
      });
    } catch (error) {
      answer = (error as { stdout: string }).stdout;
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(FAULTS)('%s is named where it is planted', (rule, file) => {
    const lines = answer.split('\n').filter((line) => line.includes(file));
    expect(lines.some((line) => line.includes(rule))).toBe(true);
  });
});
