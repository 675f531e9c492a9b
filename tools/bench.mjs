// npm run -s bench -- P9 --json: runs test/bench/p9.bench.ts (or .mjs). Tortures are found and run the same way.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './run.mjs';

const FOLDER = join(ROOT, 'test/bench');

function files() {
  if (!existsSync(FOLDER)) return [];
  return readdirSync(FOLDER).filter((name) => /\.(bench|torture)\.(ts|mjs)$/.test(name));
}

const nameOf = (file) => file.replace(/\.(bench|torture)\.(ts|mjs)$/, '');

/** `P9` finds p9.bench.ts, P9.bench.mjs, and p9-<what it measures>.bench.ts. */
function find(name, args) {
  const wanted = name.toLowerCase();
  const area = args[args.indexOf('--area') + 1]?.toLowerCase();
  // An area that takes other parts than the rest is a file of its own: r1-area-gateway.
  const ofArea = files().find((file) => nameOf(file).toLowerCase() === `${wanted}-area-${area}`);
  if (ofArea && args.includes('--area')) return ofArea;
  return files().find((file) => {
    const have = nameOf(file).toLowerCase();
    if (have.includes('-area-')) return false;
    return have === wanted || have.startsWith(`${wanted}-`);
  });
}

/** What a service is made of, as tsc compiled it: a bundler drops the metadata by which Nest finds its parts. */
const SERVICES_COMPILED = {
  name: 'services as compiled',
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/apps\/(audit|data-router|federation-api|grants|trust-registry)\/src\/.*\.js$/ }, (asked) => {
      const source = join(asked.resolveDir, asked.path);
      return { path: source.replace('/src/', '/dist/'), external: true };
    }),
};

/** Libraries come as tsc compiled them: a bundler drops the metadata that the services' libraries need. */
async function compiled(file) {
  if (file.endsWith('.mjs')) return join(FOLDER, file);
  const { build } = await import('esbuild');
  const outfile = join(ROOT, 'dist/bench', `${nameOf(file)}.mjs`);
  mkdirSync(join(ROOT, 'dist/bench'), { recursive: true });
  await build({
    absWorkingDir: ROOT,
    entryPoints: [join(FOLDER, file)],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    plugins: [SERVICES_COMPILED],
  });
  return outfile;
}

/** Runs it and keeps its last line. */
function runBench(program, args) {
  return new Promise((done) => {
    const child = spawn(process.execPath, ['--expose-gc', program, ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
    let output = '';
    child.stdout.on('data', (chunk) => {
      output = (output + chunk).slice(-1_000_000);
      process.stdout.write(chunk);
    });
    child.once('close', (code, signal) => done({ code: code ?? 1, signal, last: output.trimEnd().split('\n').at(-1) }));
  });
}

function isAnswer(line) {
  try {
    const { id, figures, conditions, seconds } = JSON.parse(line);
    return typeof id === 'string' && typeof figures === 'object' && typeof conditions === 'object' && seconds >= 0;
  } catch {
    return false;
  }
}

async function main([name, ...args]) {
  const file = name === undefined || name.startsWith('-') ? undefined : find(name, args);
  if (file === undefined) {
    const known = files().map(nameOf).join(', ') || 'none yet';
    throw new Error(`Say which to run: npm run -s bench -- <name> --json. There are: ${known}.`);
  }
  const { prepare } = await import('./prepare.mjs');
  await prepare((line) => console.error(line), { everything: true });
  const { code, last } = await runBench(await compiled(file), args);
  if (code === 0 && !isAnswer(last)) throw new Error(`${file} did not end with its figures as one JSON object.`);
  process.exitCode = code;
}

await main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
