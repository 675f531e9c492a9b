// Brings a clone to where it can run: packages installed, everything compiled and bundled. Does only what is missing.
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { bin, ROOT, run, timed } from './run.mjs';

const STAMP = join(ROOT, 'node_modules', '.interlock-installed');
const COMPILED = join(ROOT, 'node_modules', '.interlock-compiled');
const WANTED_NODE = [20, 19];

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > WANTED_NODE[0] || (major === WANTED_NODE[0] && minor >= WANTED_NODE[1])) return;
  throw new Error(`Node ${process.versions.node} is too old: install Node ${WANTED_NODE.join('.')} or later.`);
}

const digest = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

/** True if what npm says it installed is what the lock demands, whoever ran npm. */
function installedAsLocked() {
  try {
    const { packages: wanted } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
    const { packages: have } = JSON.parse(readFileSync(join(ROOT, 'node_modules/.package-lock.json'), 'utf8'));
    return Object.entries(wanted).every(([place, entry]) => {
      if (!place.startsWith('node_modules/') && !place.includes('/node_modules/')) return true;
      return have[place] ? have[place].version === entry.version : entry.optional || entry.devOptional || entry.peer;
    });
  } catch {
    return false;
  }
}

async function install(say) {
  const wanted = digest(join(ROOT, 'package-lock.json'));
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  if (!installedAsLocked()) {
    const { code, output } = await timed('installing packages', say, () =>
      run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']),
    );
    if (code !== 0) throw new Error(`npm ci failed; is the package registry reachable?\n${output}`);
  }
  writeFileSync(STAMP, wanted);
}

/** Folders that have something to compile; what they refer to is compiled with them. */
function projects(kinds) {
  return kinds.flatMap((kind) =>
    readdirSync(join(ROOT, kind))
      .map((name) => `${kind}/${name}`)
      .filter((dir) => existsSync(join(ROOT, dir, 'tsconfig.json')) && hasSource(join(ROOT, dir, 'src'))),
  );
}

function hasSource(src) {
  if (!existsSync(src)) return false;
  return readdirSync(src, { recursive: true }).some((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'));
}

/** Name, size and time of every source and of everything that was compiled from one: a compiler need not start to find nothing changed. */
function standing(kinds) {
  const hash = createHash('sha256').update(`${kinds} ${digest(join(ROOT, 'package-lock.json'))}\n`);
  const look = (place) => {
    const stat = statSync(join(ROOT, place));
    hash.update(`${place} ${stat.size} ${stat.mtimeMs}\n`);
  };
  const files = ['libs', 'apps'].flatMap((kind) =>
    readdirSync(join(ROOT, kind)).flatMap((name) =>
      readdirSync(join(ROOT, kind, name), { recursive: true, withFileTypes: true })
        .filter((one) => one.isFile() && !one.parentPath.includes('node_modules'))
        .map((one) => relative(ROOT, join(one.parentPath, one.name))),
    ),
  );
  const settings = readdirSync(ROOT).filter((name) => /^tsconfig.*\.json$/.test(name));
  for (const file of [...settings, ...files].sort()) look(file);
  return hash.digest('hex');
}

async function compile(say, kinds) {
  if (existsSync(COMPILED) && readFileSync(COMPILED, 'utf8') === standing(kinds)) return;
  const { code, output } = await timed('compiling', say, () => run(bin('tsc'), ['-b', ...projects(kinds)]));
  if (code !== 0) throw new Error(`the sources do not compile:\n${output}`);
  writeFileSync(COMPILED, standing(kinds));
}

/** So that `npx interlock` finds the command line: npm links the programs of every package but the root's own. */
function linkProgram() {
  const link = join(ROOT, 'node_modules/.bin/interlock');
  if (lstatSync(link, { throwIfNoEntry: false }) === undefined) symlinkSync('../../dist/apps/cli/main.js', link);
}

/**
 * @param {(line: string) => void} say gets a line for everything that takes over a second
 * @param {{ everything?: boolean }} [options] everything: compile what only tests use too
 * @throws {Error} with what to do, if something is missing or does not compile
 */
export async function prepare(say, { everything = false } = {}) {
  checkNode();
  await install(say);
  await compile(say, everything ? ['libs', 'apps'] : ['apps']);
  const { bundle } = await import('./bundle.mjs');
  await timed('bundling', say, () => bundle());
  linkProgram();
}

if (process.argv[1] && import.meta.filename === process.argv[1]) {
  await prepare((line) => console.error(line)).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
