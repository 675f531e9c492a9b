// An outside implementation checks our logs: a program of a hundred lines on golang.org/x/mod/sumdb/note and tlog, which has nothing of this project. It reads what
// the audit service answers: checkpoints, cosignatures, inclusion and consistency proofs, tiles and entries. Then single bytes of it are altered.
// Without Go and x/mod (Debian: golang-go, golang-golang-x-mod-dev; `--go-tree FOLDER` where they are unpacked and not installed) it is left out by name.

import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomIds } from '@interlock/chassis';
import { EVERY_ORGANISATION, Transactor, type Tx } from '@interlock/chassis/db';
import { openCacheFolder, startPostgres } from '@interlock/trial';
import { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { logSigner } from '../../apps/audit/src/commands/log-signer.js';
import { makeCheckpoints } from '../../apps/audit/src/commands/make-checkpoints.js';
import { sequenceWaiting } from '../../apps/audit/src/commands/sequence-waiting.js';
import { registerParties } from '../../apps/audit/src/store/party.store.js';
import { appendRecords, evidenceDatabase } from './evidence/evidence-database.js';
import { AFTER_ALL, agreementOf, BUYER, nextRecord, VENDOR } from './evidence/fixed-history.js';
import { writeLog } from './outside/log-folder.js';

const quick = process.argv.includes('--quick');
/** Enough for a tile of the third level. */
const LARGE = quick ? 3_000 : 66_000;
const SMALL = 300;
/** Bytes altered in each file. */
const PLACES = quick ? 50 : 150;
const SOURCE = 'test/bench/outside/check.go';
const named = process.argv.indexOf('--go-tree');
const TREE = named < 0 ? '/' : (process.argv[named + 1] ?? '/');
const began = performance.now();
const dir = mkdtempSync(join(tmpdir(), 'interlock-outside-'));
chmodSync(dir, 0o711);

function finish(figures: object, conditions: object): void {
  const seconds = Number(((performance.now() - began) / 1_000).toFixed(2));
  process.stdout.write(`${JSON.stringify({ id: 'outside-verifier', figures, conditions, seconds })}\n`);
}

/** The program, built with what the distribution packaged; undefined where that is not there. */
function built(): { readonly program: string; readonly go: string } | undefined {
  const gopath = join(TREE, 'usr/share/gocode');
  const versions = existsSync(join(TREE, 'usr/lib')) ? readdirSync(join(TREE, 'usr/lib')) : [];
  const root = versions.filter((name) => /^go-\d/.test(name)).at(-1);
  if (root === undefined || !existsSync(join(gopath, 'src/golang.org/x/mod/sumdb/tlog'))) return undefined;
  const goroot = join(TREE, 'usr/lib', root);
  const go = join(goroot, 'bin/go');
  const env = {
    ...{ PATH: process.env.PATH, GOROOT: goroot, GOPATH: gopath, GOCACHE: join(dir, 'cache'), HOME: dir },
    // Nothing is fetched: what is not there is an error.
    ...{ GO111MODULE: 'off', GOFLAGS: '', GOPROXY: 'off', CGO_ENABLED: '0' },
  };
  const program = join(dir, 'check');
  execFileSync(go, ['build', '-o', program, SOURCE], { env });
  return { program, go: execFileSync(go, ['version'], { env, encoding: 'utf8' }).trim() };
}

async function twoLogs(): Promise<readonly [string, string]> {
  const server = await startPostgres({ dataDir: join(dir, 'data'), binCacheDir: openCacheFolder(), settings: {} });
  try {
    const urlOf = await evidenceDatabase(server);
    const options = { schema: 'audit', poolSize: 4, installExtensions: false };
    const extra = { options: '-c search_path=audit' };
    const source = await new DataSource({ type: 'postgres', url: urlOf('audit'), ...options, extra }).initialize();
    const transactor = new Transactor(source, 'audit');
    const writer = new Pool({ connectionString: urlOf('grants'), max: 1 });
    writer.on('error', () => undefined);
    const signer = logSigner('broker.example', generateKeyPairSync('ed25519').privateKey);
    const forService = <T>(work: (tx: Tx) => Promise<T>): Promise<T> =>
      transactor.run(async (tx) => {
        await tx.actFor(EVERY_ORGANISATION);
        return work(tx);
      });
    const fill = async (log: ReturnType<typeof agreementOf>, count: number) => {
      for (let left = count; left > 0; left -= 5_000) {
        const records = Array.from({ length: Math.min(left, 5_000) }, () => ({ ...nextRecord(), log }));
        await appendRecords(records)(writer);
        while ((await transactor.run((tx) => sequenceWaiting(tx, AFTER_ALL))) > 0);
      }
      await transactor.run((tx) => makeCheckpoints(tx, signer, new RandomIds(), Date.now()));
    };
    const made = async (n: number, size: number) => {
      const [log, olderSize] = [agreementOf(n), Math.floor(size / 3)];
      await forService((tx) => registerParties(tx, log, [VENDOR, BUYER], []));
      await fill(log, olderSize);
      await fill(log, size - olderSize);
      const folder = join(dir, `log-${n}`);
      const indexes = [0, 1, olderSize, size - 2, size - 1];
      await writeLog(transactor, log, folder, { logKey: signer.vkey(`${log}`), olderSize, indexes });
      return folder;
    };
    const folders = [await made(0, LARGE), await made(1, SMALL)] as const;
    await writer.end();
    await source.destroy();
    return folders;
  } finally {
    await server.stop();
  }
}

/** Signatures and hashes read to their bytes, as Go's reader of base64 does: two texts that say the same bytes are the same here too. */
const meaningOf = (text: string): string =>
  text.replace(/^(\u2014 \S+ )?([A-Za-z0-9+/]{43,}={0,2})$/gmu, (_, who: string | undefined, base64: string) =>
    [who, Buffer.from(base64, 'base64').toString('hex')].join(''),
  );

/** Alters one byte after the other; answers how often it was refused, and where it was not. */
function alter(program: string, folder: string) {
  let refused = 0;
  let sameBytes = 0;
  const taken: string[] = [];
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  for (const file of files) {
    const path = join(file.parentPath, file.name);
    const honest = readFileSync(path);
    // Every byte of the checkpoint and of a consistency proof; of each other file places that are evenly spread.
    const places = ['checkpoint', 'consistency'].includes(file.name) ? honest.length : PLACES;
    const step = Math.max(1, Math.floor(honest.length / places));
    for (let at = 0; at < honest.length; at += step) {
      const altered = Buffer.from(honest);
      altered[at] = (altered[at] ?? 0) ^ 1;
      writeFileSync(path, altered);
      if (spawnSync(program, [folder]).status !== 0) refused += 1;
      else if (meaningOf(altered.toString()) === meaningOf(honest.toString())) sameBytes += 1;
      else taken.push(`${file.name} at ${at}`);
    }
    writeFileSync(path, honest);
  }
  return { refused, sameBytes, taken };
}

try {
  const made = built();
  if (!made) finish({}, { leftOut: 'golang-go and golang-golang-x-mod-dev are not on this machine' });
  else {
    const [large, small] = await twoLogs();
    const check = (folder: string): object => JSON.parse(execFileSync(made.program, [folder], { encoding: 'utf8' }));
    const checked = check(large);
    check(small);
    process.stderr.write('checked; now one altered byte after the other\n');
    const { refused, sameBytes, taken } = alter(made.program, small);
    if (taken.length > 0) process.stderr.write(`taken: ${taken.join(', ')}\n`);
    const figures = {
      checked,
      alteredRefused: refused,
      alteredTaken: taken.length,
      otherSpellingOfTheSameBytes: sameBytes,
    };
    finish(figures, { verifier: 'golang.org/x/mod/sumdb note and tlog', go: made.go, alteredLog: SMALL });
    process.exitCode = taken.length === 0 ? 0 : 1;
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}
