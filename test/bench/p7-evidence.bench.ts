// P7: evidence at 10^4 ... 10^7 records of a fixed seed, in durable PostgreSQLs, with 990 of 1,000 agreements idle: facts with their evidence against
// bare inserts of the same bytes and batch, then checkpoint, query and proof, each beside what is there already.

import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread, Worker } from 'node:worker_threads';
import { RandomIds } from '@interlock/chassis';
import { EVERY_ORGANISATION, Transactor } from '@interlock/chassis/db';
import { openCacheFolder, type RunningPostgres, startPostgres } from '@interlock/trial';
import { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { logSigner } from '../../apps/audit/src/commands/log-signer.js';
import { makeCheckpoints } from '../../apps/audit/src/commands/make-checkpoints.js';
import { sequenceWaiting } from '../../apps/audit/src/commands/sequence-waiting.js';
import { findLog } from '../../apps/audit/src/store/log.store.js';
import { registerParties } from '../../apps/audit/src/store/party.store.js';
import { BATCH, evidenceDatabase, WRITERS } from './evidence/evidence-database.js';
import { answerExport, exportAsked, exportBeside } from './evidence/export-beside.js';
import { fillHistory } from './evidence/fill-history.js';
import {
  AFTER_ALL,
  AGREEMENTS,
  agreementOf,
  BUSY,
  BUYER,
  goOnFrom,
  MACHINES,
  nextRecord,
  SEED,
  VENDOR,
} from './evidence/fixed-history.js';
import { makeRows } from './evidence/make-rows.js';
import {
  ask,
  askEach,
  type Bench,
  demandOneHistory,
  measureAppend,
  ROWS_PER_QUERY,
  round,
  underSteadyLoad,
} from './evidence/measure-evidence.js';

const quick = process.argv.includes('--quick');
const named = process.argv.indexOf('--records');
const RECORDS = named < 0 ? 10_000_000 : Number(process.argv[named + 1]);
const MEASURED = quick ? 6_000 : 24_000;
/** With --quick the export ends here: it grows no further than it did by then. */
const MOST_EXPORTED = quick ? Math.min(RECORDS, 200_000) : RECORDS;
const say = (text: string): unknown => process.stderr.write(`${text}\n`);

/** Powers of ten from 10^4 to the named number; with --quick the two ends alone. */
function sizes(): readonly number[] {
  const all: number[] = [];
  for (let size = 10_000; size < RECORDS; size *= 10) all.push(size);
  return [...(quick ? all.slice(0, 1) : all), RECORDS];
}

/** While it is filled nothing has to outlive the machine, and nothing has to be logged to be brought back. */
const FILLING = {
  ...{ shared_buffers: '512MB', max_wal_size: '8GB', wal_level: 'minimal', max_wal_senders: '0', autovacuum: 'off' },
  ...{ fsync: 'off', full_page_writes: 'off', checkpoint_timeout: '30min' },
};
const MEASURING = { shared_buffers: '512MB', max_wal_size: '4GB' };

/** One key for a log, also after the server was started again. */
const signer = logSigner('broker.example', generateKeyPairSync('ed25519').privateKey);

async function open(urlOf: (role: string) => string): Promise<Bench & { close(): Promise<void> }> {
  const options = { schema: 'audit', poolSize: 6, installExtensions: false };
  const extra = { options: '-c search_path=audit' };
  const source = await new DataSource({ type: 'postgres', url: urlOf('audit'), ...options, extra }).initialize();
  const transactor = new Transactor(source, 'audit');
  const writers = new Pool({ connectionString: urlOf('grants'), max: WRITERS });
  // The server stops before the last idle connection has said goodbye.
  writers.on('error', () => undefined);
  const ids = new RandomIds();
  return {
    writers,
    transactor,
    sequence: () => transactor.run((tx) => sequenceWaiting(tx, AFTER_ALL)),
    checkpoint: () => transactor.run((tx) => makeCheckpoints(tx, signer, ids, Date.now())),
    async close() {
      await writers.end();
      await source.destroy();
    },
  };
}

async function registered(bench: Bench) {
  const sides = { buyer: BUYER, vendor: VENDOR };
  return bench.transactor.run(async (tx) => {
    await tx.actFor(EVERY_ORGANISATION);
    for (let n = 0; n < AGREEMENTS; n += 1) await registerParties(tx, agreementOf(n), [VENDOR, BUYER], [VENDOR, BUYER]);
    const logs = [];
    for (let n = 0; n < BUSY; n += 1) {
      const log = agreementOf(n);
      const no = (await findLog(tx, log))?.no;
      if (no === undefined) throw new Error(`there is no log ${log}`);
      logs.push({ log, ...sides, no, size: 0 });
    }
    return logs;
  });
}

/** Everything that is measured at one size, in a database of its own. */
async function atSize(dir: string, records: number) {
  const began = performance.now();
  const dataDir = join(dir, `data-${records}`);
  const start = (settings: Record<string, string>, port?: number): Promise<RunningPostgres> =>
    startPostgres({ dataDir, binCacheDir: openCacheFolder(), settings, port });
  say(`${records} records: filling`);
  let server = await start(FILLING);
  try {
    const urlOf = await evidenceDatabase(server);
    const filler = await open(urlOf);
    const adminUrl = server.adminUrl.replace(/\/[^/]*$/, '/interlock');
    const startMaker = (workerData: unknown) => new Worker(new URL(import.meta.url), { workerData });
    await fillHistory(
      { adminUrl, transactor: filler.transactor, startMaker, say },
      await registered(filler),
      0,
      records,
    );
    goOnFrom(records);
    await filler.checkpoint();
    await filler.close();
    const fillSeconds = round((performance.now() - began) / 1_000);
    const { port } = server;
    await server.stop();
    server = await start(MEASURING, port);
    say(`${records} records: measuring, filled in ${fillSeconds} s`);
    const bench = await open(urlOf);
    try {
      const measured = await measureAll(bench);
      say(JSON.stringify({ records, fillSeconds, ...measured }));
      const logs = Array.from({ length: BUSY }, (_, n) => ({ log: agreementOf(n), vkey: signer.vkey(agreementOf(n)) }));
      const task = { url: urlOf('audit'), logs, out: join(dir, 'export.ndjson'), most: MOST_EXPORTED };
      const exported = records === RECORDS ? await exportBeside(task) : undefined;
      return { records, fillSeconds, load: round(loadavg()[0] ?? 0), ...measured, exported };
    } finally {
      await bench.close();
    }
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function measureAll(bench: Bench) {
  const append = await measureAppend(bench, MEASURED);
  const checkpointP99Ms = await underSteadyLoad(bench, quick ? 3_000 : 10_000);
  const asked = await ask(bench.transactor, quick ? 300 : 1_000);
  const logsOfOneHistory = await demandOneHistory(bench.transactor);
  const questionsP99Ms = await askEach(bench.transactor, quick ? 20 : 50);
  const [there] = await bench.transactor.run(async (tx) => {
    await tx.actFor(EVERY_ORGANISATION);
    return tx.query<{ logged: string; idle: string; bytes: string; roots: string }>(
      `select (select sum(size) from log) as logged, pg_database_size(current_database()) as bytes,
         (select count(*) from checkpoint c join log l on l.no = c.log_no where l.size = 0) as idle,
         (select encode(root, 'hex') from checkpoint c join log l on l.no = c.log_no where l.name = $1 order by c.size limit 1) as roots`,
      [agreementOf(0)],
    );
  });
  return {
    ...append,
    checkpointP99Ms,
    ...asked,
    logsOfOneHistory,
    questionsP99Ms,
    logged: Number(there?.logged),
    checkpointsOfIdleLogs: Number(there?.idle),
    databaseMiB: Math.round(Number(there?.bytes) / 2 ** 20),
    rootOfFirstLog: there?.roots,
  };
}

async function main(): Promise<void> {
  const began = performance.now();
  const dir = mkdtempSync(join(tmpdir(), 'interlock-bench-p7-'));
  chmodSync(dir, 0o711);
  try {
    const bySize = [];
    for (const records of sizes()) bySize.push(await atSize(dir, records));
    const [small, large] = [bySize[0], bySize.at(-1)];
    if (!small || !large) throw new Error('nothing was measured');
    const { appendPerSecond, appendRatio, checkpointP99Ms, queryP99Ms, proofP99Ms, records, barePerSecond } = large;
    const growth = {
      appendGrowth: round(appendPerSecond / small.appendPerSecond),
      queryGrowth: round(large.queryP50Ms / small.queryP50Ms),
      proofGrowth: round(large.proofP50Ms / small.proofP50Ms),
    };
    const exportedRows = large.exported && {
      exportedRows: large.exported.rows,
      exportPerSecond: large.exported.perSecond,
      exportPeakMiB: large.exported.peaksMiB[large.exported.rows],
      // The same process, when it had written a tenth of a million rows.
      exportPeakMiBAt1e5: large.exported.peaksMiB[100_000],
    };
    const figures = {
      appendPerSecond,
      appendRatio,
      appendRatioMade: large.appendRatioMade,
      checkpointP99Ms,
      queryP99Ms,
      proofP99Ms,
      records,
      ...growth,
      ...exportedRows,
    };
    const conditions = {
      cores: availableParallelism(),
      durability: 'fsync, synchronous_commit, full_page_writes on, also for the peer',
      batch: BATCH,
      writers: WRITERS,
      seed: SEED,
      bytesPerRecord: JSON.stringify(nextRecord()).length,
      measuredRecords: MEASURED,
      agreements: AGREEMENTS,
      idleAgreements: AGREEMENTS - BUSY,
      machinesPerAgreement: MACHINES,
      rowsPerQuery: ROWS_PER_QUERY,
      proofsInQuery: 'one inclusion proof a row',
      export:
        'the answers of the service, read as from HTTP, every row verified, NDJSON to a file; service and client in one process',
      growth: `at ${records} against ${small.records}: rate of appending, medians of query and proof`,
      appendRatio:
        'against inserts of bytes that are there; appendRatioMade: by a program that makes them of its records meanwhile',
      bySize,
    };
    const seconds = round((performance.now() - began) / 1_000);
    const peers = { bareInsertPerSecond: barePerSecond, madeInsertPerSecond: large.madePerSecond };
    process.stdout.write(`${JSON.stringify({ id: 'P7', figures, conditions, peers, seconds })}\n`);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const task = exportAsked();
await (task ? answerExport(task) : isMainThread ? main() : makeRows());
