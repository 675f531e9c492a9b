// P9: wall time from `npm start` to the end of the story. Warm: installed and built, a new data folder. Cold: a fresh clone with an
// empty home, packages reachable (left out with --quick). The limit in the same run: how long a bare node process takes to start.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = process.cwd();
const quick = process.argv.includes('--quick');
const began = performance.now();
const LONGEST = 600_000;

/** Runs a command to its end; rejects when it fails, with its last line. Seconds. */
function timed(command, args, cwd, env = {}) {
  return new Promise((resolve, reject) => {
    const from = performance.now();
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'ignore'] });
    const late = setTimeout(() => child.kill('SIGKILL'), LONGEST);
    let last = '';
    child.stdout.on('data', (chunk) => {
      last = (last + chunk).slice(-20_000);
    });
    child.once('exit', (code) => {
      clearTimeout(late);
      if (code !== 0) return reject(new Error(`${command} ${args.join(' ')} ended with ${code}: ${last.slice(-400)}`));
      resolve({ seconds: (performance.now() - from) / 1000, last: last.trim().split('\n').at(-1) });
    });
  });
}

const scratch = mkdtempSync(join(tmpdir(), 'interlock-p9-'));
try {
  const bare = await timed(process.execPath, ['-e', '0'], ROOT);
  const play = (cwd, name, env) =>
    timed('npm', ['start', '--', '--once', '--json', '--data', join(scratch, name)], cwd, env);
  await timed(process.execPath, ['tools/prepare.mjs'], ROOT);
  const runs = [];
  for (let run = 0; run < (quick ? 1 : 3); run += 1) runs.push(await play(ROOT, `warm-${run}`));
  const warm = runs.map((run) => run.seconds).sort((a, b) => a - b)[Math.floor(runs.length / 2)];
  const figures = { warmSeconds: Number(warm.toFixed(1)) };
  if (!quick) {
    const clone = join(scratch, 'clone');
    execFileSync('git', ['clone', '--quiet', ROOT, clone]);
    const cold = await play(clone, 'cold', { HOME: join(scratch, 'home') });
    figures.coldSeconds = Number(cold.seconds.toFixed(1));
  }
  const steps = JSON.parse(runs.at(-1).last).steps;
  const conditions = {
    cores: 2,
    durability: 'fsync on',
    steps: Object.fromEntries(steps.map((step) => [step.id, step.ms])),
  };
  const peers = { bareNodeSeconds: Number(bare.seconds.toFixed(3)) };
  console.log(
    JSON.stringify({ id: 'P9', figures, conditions, peers, seconds: Math.round((performance.now() - began) / 1000) }),
  );
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
