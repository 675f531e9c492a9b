// npm test: prepares the clone, checks it and runs every test. Ends with one line of its own: `N passed, N failed`.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bin, ROOT, run } from './run.mjs';

const NX = { NX_DAEMON: 'false', NX_ISOLATE_PLUGINS: 'false', NX_TUI: 'false', NX_NO_CLOUD: 'true' };

/** Each is a target of the root project, so that Nx skips what did not change since it passed. */
const CHECKS = [
  ['format and lint', 'check-format'],
  ['promises, sizes and types of errors', 'check-lint'],
  ['boundaries between folders', 'check-boundaries'],
  ['boundaries between projects', 'check-modules'],
  ['types, tests included', 'check-types'],
];

const seconds = (began) => `${((performance.now() - began) / 1000).toFixed(1)} s`;

async function check([title, target]) {
  const began = performance.now();
  const { code, output } = await run(bin('nx'), ['run-many', '-t', target, '--outputStyle=static'], { env: NX });
  // Without its graph of projects the boundary rule passes everything, with a warning.
  const ok = code === 0 && !output.includes('The rule will be skipped');
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${title} (${seconds(began)})`);
  if (!ok) console.log(output);
  return ok;
}

async function checkAll() {
  let passed = 0;
  for (const one of CHECKS) if (await check(one)) passed += 1;
  return { passed, failed: CHECKS.length - passed };
}

/** A suite that could not even start has no tests to count; it counts as one failure. */
function counted(file) {
  try {
    const summary = JSON.parse(readFileSync(file, 'utf8'));
    return { passed: summary.numPassedTests, failed: summary.numFailedTests + summary.numRuntimeErrorTestSuites };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

async function jest(args) {
  const folder = mkdtempSync(join(tmpdir(), 'interlock-test-'));
  const summary = join(folder, 'summary.json');
  try {
    const options = `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`;
    const own = ['--json', `--outputFile=${summary}`, '--maxWorkers=3'];
    // Jest prints the summary for machines on standard output; people read the other one.
    const { code } = await runJest([...own, ...args], options.trim());
    const { passed, failed } = counted(summary);
    return { passed, failed: code !== 0 && failed === 0 ? 1 : failed };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runJest(args, nodeOptions) {
  const { spawn } = await import('node:child_process');
  return new Promise((done) => {
    const child = spawn(process.execPath, [join(ROOT, 'node_modules/jest/bin/jest.js'), ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: nodeOptions },
    });
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
    child.once('close', (code) => done({ code: code ?? 1 }));
  });
}

/** What does not compile is a failure like others: the tests of everything else still say what they have to say. */
async function prepared() {
  try {
    const { prepare } = await import('./prepare.mjs');
    await prepare((line) => console.log(line), { everything: true });
    return true;
  } catch (error) {
    console.error(error.message);
    return false;
  }
}

async function main(args) {
  let [passed, failed] = [0, (await prepared()) ? 0 : 1];
  // Tests wait for processes that they start: the checks run in what that leaves of the processors.
  const [checks, tests] = await Promise.all([args.length === 0 ? checkAll() : { passed: 0, failed: 0 }, jest(args)]);
  passed += checks.passed;
  failed += checks.failed;
  passed += tests.passed;
  failed += tests.failed;
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
  console.log(`${passed} passed, ${failed} failed`);
}

const HELP = `Usage: npm test                     prepares the clone, checks it and runs every test (under fifteen minutes on two cores)
       npm test -- FILE...            the tests of these files alone; words of their paths are enough
       npm test -- -t "words" FILE... the tests with these words in their names; every other option of Jest too

The last line is "N passed, N failed". One test needs "ssh", one looks at pages with "chromium"; without them these are left out by name.
npm run -s bench -- <name> --json runs a bench or a torture, npm run test-cluster the broker in replicas.`;

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) console.log(HELP);
else await main(args);
