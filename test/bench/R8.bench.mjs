// R8: mutants. Each check of domain, proof and the gateway's admit path is removed, one at a time, in a copy of the tree; the test that the
// list names must go red. A mutant that its test does not notice is a survivor: a check that nothing holds.

import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { areaOf, MUTANTS } from '../mutants/mutants.mjs';

const ROOT = join(import.meta.dirname, '../..');
const quick = process.argv.includes('--quick');
const only = process.argv[process.argv.indexOf('--only') + 1];
const area = process.argv.includes('--area') ? process.argv[process.argv.indexOf('--area') + 1] : 'story';
// The story is the whole of it.
const ofArea = MUTANTS.filter(({ file }) => area === 'story' || areaOf(file) === area);
if (ofArea.length === 0) throw new Error(`R8 has nothing for --area ${area}`);
const chosen = ofArea
  .filter((_mutant, at) => (quick ? at % 7 === 0 : true))
  .filter(({ file, code }) => !process.argv.includes('--only') || file.includes(only) || code === only);
const COPIES = Math.max(1, Math.min(2, availableParallelism()));
const LONGEST = 120_000;

/** The tree without what is built or installed; packages of the workspace lead into the copy, all others to what is installed. */
function copyTree() {
  const copy = mkdtempSync(join(tmpdir(), 'interlock-mutants-'));
  const skipped = /(^|\/)(node_modules|dist|\.nx|\.git|\.interlock|coverage)(\/|$)/;
  for (const part of [
    'apps',
    'libs',
    'docker',
    'test',
    'docs',
    'jest.config.mjs',
    'nx.json',
    'package.json',
    'tsconfig.base.json',
    'tsconfig.test.json',
  ])
    cpSync(join(ROOT, part), join(copy, part), {
      recursive: true,
      filter: (from) => !skipped.test(from.slice(ROOT.length + 1)),
    });
  // What is shipped runs as it was built; a mutant is looked at by tests of what runs from its source.
  symlinkSync(join(ROOT, 'dist'), join(copy, 'dist'));
  const installed = join(ROOT, 'node_modules');
  mkdirSync(join(copy, 'node_modules/@interlock'), { recursive: true });
  for (const name of readdirSync(installed).filter((one) => one !== '@interlock'))
    symlinkSync(join(installed, name), join(copy, 'node_modules', name));
  for (const kind of ['apps', 'libs'])
    for (const name of readdirSync(join(copy, kind)))
      symlinkSync(join(copy, kind, name), join(copy, 'node_modules/@interlock', name));
  return copy;
}

/** Runs one specification in one copy: green, red, or broken where it could not even start. */
function run(copy, spec, test) {
  const summary = join(copy, 'summary.json');
  rmSync(summary, { force: true });
  const args = [
    '--experimental-vm-modules',
    join(ROOT, 'node_modules/jest/bin/jest.js'),
    '--json',
    `--outputFile=${summary}`,
  ];
  const rest = [
    '--runInBand',
    '--forceExit',
    '--silent',
    ...(test ? ['-t', test.replace(/[()]/g, '\\$&')] : []),
    '--runTestsByPath',
    spec,
  ];
  return new Promise((done) => {
    const child = spawn(process.execPath, [...args, ...rest], { cwd: copy, stdio: 'ignore' });
    const late = setTimeout(() => child.kill('SIGKILL'), LONGEST);
    child.once('close', () => {
      clearTimeout(late);
      done(verdictIn(summary));
    });
  });
}

/** What the last run that was not green said. */
let why = '';

function verdictIn(summary) {
  try {
    const said = JSON.parse(readFileSync(summary, 'utf8'));
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = said;
    why = (said.testResults ?? []).map(({ message }) => message.slice(0, 600)).join('\n');
    if (numRuntimeErrorTestSuites > 0 || numPassedTests + numFailedTests === 0) return 'broken';
    return numFailedTests > 0 ? 'red' : 'green';
  } catch {
    // It did not end by itself: a mutant that hangs its test is noticed too.
    return 'red';
  }
}

async function judge(copy, { file, text, replacement, spec, test }) {
  const path = join(copy, file);
  const whole = readFileSync(path, 'utf8');
  if (whole.split(text).length !== 2) return 'stale';
  writeFileSync(
    path,
    whole.replace(text, () => replacement),
  );
  try {
    return await run(copy, spec, test);
  } finally {
    writeFileSync(path, whole);
  }
}

const began = performance.now();
const copies = Array.from({ length: COPIES }, copyTree);
const survivors = [];
const kills = new Map();

/** Takes from one list until it is empty, one worker for each copy. */
const inCopies = (list, work) =>
  Promise.all(
    copies.map(async (copy) => {
      for (let next = list.shift(); next !== undefined; next = list.shift()) await work(copy, next);
    }),
  );

try {
  // A test that is red by itself would kill every mutant: each is seen green first.
  const baseline = [...new Map(chosen.map(({ spec, test }) => [`${spec} ${test ?? ''}`, { spec, test }])).values()];
  const notGreen = [];
  await inCopies([...baseline], async (copy, { spec, test }) => {
    // Time runs in these tests: one that a busy machine made late is asked again.
    for (let tries = 0; tries < 3; tries += 1) if ((await run(copy, spec, test)) === 'green') return;
    notGreen.push(`${spec} ${test ?? ''}\n${why}`);
  });
  if (notGreen.length > 0) throw new Error(`red without any mutant:\n${notGreen.join('\n')}`);
  await inCopies([...chosen], async (copy, mutant) => {
    const verdict = await judge(copy, mutant);
    kills.set(mutant.code, (kills.get(mutant.code) ?? 0) + (verdict === 'red' ? 1 : 0));
    if (verdict === 'red') return;
    survivors.push(`${verdict}: ${mutant.code} in ${mutant.file}: ${mutant.text}`);
    console.error(survivors.at(-1));
  });
} finally {
  for (const copy of copies) rmSync(copy, { recursive: true, force: true });
}

const answer = {
  id: 'R8',
  figures: { mutants: chosen.length, survivors: survivors.length },
  conditions: {
    cores: availableParallelism(),
    quick,
    area,
    listed: MUTANTS.length,
    kills: Object.fromEntries(kills),
    survived: survivors,
  },
  peers: {},
  seconds: Math.round((performance.now() - began) / 100) / 10,
};
console.log(JSON.stringify(answer));
process.exitCode = survivors.length === 0 ? 0 : 1;
