// P7: evidence. One durable PostgreSQL; facts with their evidence against bare inserts of the same bytes and batch, then
// checkpoint, query and proof at the named number of records, with 990 of 1,000 agreements idle.

import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomIds } from '@interlock/chassis';
import { EVERY_ORGANISATION, Transactor, type Tx } from '@interlock/chassis/db';
import { openCacheFolder, startPostgres } from '@interlock/trial';
import { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { logSigner } from '../../apps/audit/src/commands/log-signer.js';
import { makeCheckpoints } from '../../apps/audit/src/commands/make-checkpoints.js';
import { prove } from '../../apps/audit/src/commands/prove.js';
import { queryLog } from '../../apps/audit/src/commands/query-log.js';
import { SEQUENCE_BATCH, sequenceWaiting } from '../../apps/audit/src/commands/sequence-waiting.js';
import { registerParties } from '../../apps/audit/src/store/party.store.js';
import { APPEND, BARE, BATCH, evidenceDatabase, WRITERS, writeFacts } from './evidence/evidence-database.js';
import {
  AFTER_ALL,
  AGREEMENTS,
  agreementOf,
  BUSY,
  BUYER,
  countMade,
  MACHINES,
  nextRecord,
  random,
  START,
  STEP_MS,
  VENDOR,
} from './evidence/fixed-history.js';

const quick = process.argv.includes('--quick');
const named = process.argv.indexOf('--records');
const RECORDS = named < 0 ? 10_000_000 : Number(process.argv[named + 1]);
const MEASURED = quick ? 10_000 : 40_000;
const TURNS = 3;
const ROWS_PER_QUERY = 50;

const percentile = (values: number[], p: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * p))] ?? Number.NaN;
const round = (value: number): number => Number(value.toFixed(2));
const say = (text: string): unknown => process.stderr.write(`${text}\n`);
const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The audit service's work on one database, run by the bench at the service's own rests. */
interface Bench {
  readonly writers: Pool;
  readonly transactor: Transactor;
  forService<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  sequence(): Promise<number>;
  checkpoint(): Promise<number>;
  close(): Promise<void>;
}

async function open(urlOf: (role: string) => string): Promise<Bench> {
  const source = await new DataSource({
    type: 'postgres',
    url: urlOf('audit'),
    schema: 'audit',
    poolSize: 6,
    installExtensions: false,
    extra: { options: '-c search_path=audit' },
  }).initialize();
  const transactor = new Transactor(source, 'audit');
  const writers = new Pool({ connectionString: urlOf('federation_api'), max: WRITERS });
  // The server stops before the last idle connection has said goodbye.
  writers.on('error', () => undefined);
  const signer = logSigner('broker.example', generateKeyPairSync('ed25519').privateKey);
  const ids = new RandomIds();
  return {
    writers,
    transactor,
    forService: (work) =>
      transactor.run(async (tx) => {
        await tx.actFor(EVERY_ORGANISATION);
        return work(tx);
      }),
    sequence: () => transactor.run((tx) => sequenceWaiting(tx, AFTER_ALL)),
    checkpoint: () => transactor.run((tx) => makeCheckpoints(tx, signer, ids, Date.now())),
    async close() {
      await writers.end();
      await source.destroy();
    },
  };
}

async function measure(bench: Bench) {
  const parties = [VENDOR, BUYER];
  await bench.forService(async (tx) => {
    for (let n = 0; n < AGREEMENTS; n += 1) await registerParties(tx, agreementOf(n), parties, parties);
  });
  await writeFacts(bench.writers, 2_000, BARE);
  await appendAndSequence(bench, 2_000);
  const [bare, ours] = [[] as number[], [] as number[]];
  for (let turn = 0; turn < TURNS; turn += 1) {
    bare.push(await writeFacts(bench.writers, MEASURED / TURNS, BARE));
    ours.push(await appendAndSequence(bench, MEASURED / TURNS));
    say(`bare ${round(bare.at(-1) ?? 0)} records/s, with evidence and place ${round(ours.at(-1) ?? 0)} records/s`);
  }
  await fill(bench);
  const checkpointP99Ms = await underSteadyLoad(bench);
  const asked = await ask(bench.transactor);
  const [counted] = await bench.forService((tx) =>
    tx.query<{ records: string; idle: string }>(
      `select (select count(*) from entry) as records,
         (select count(*) from checkpoint c join log l on l.no = c.log_no where l.size = 0) as idle`,
    ),
  );
  return {
    figures: {
      appendPerSecond: round(percentile(ours, 0.5)),
      appendRatio: round(percentile(ours, 0.5) / percentile(bare, 0.5)),
      checkpointP99Ms,
      ...asked,
      records: Number(counted?.records),
    },
    checkpointsOfIdleLogs: Number(counted?.idle),
    peers: { bareInsertPerSecond: round(percentile(bare, 0.5)) },
  };
}

/** Facts with evidence while the sequencer runs; the clock stops when the last one has its place. Records per second. */
async function appendAndSequence(bench: Bench, count: number): Promise<number> {
  const started = performance.now();
  let writing = true;
  const sequencing = (async () => {
    for (;;) {
      const last = !writing;
      const settled = await bench.sequence();
      if (settled === 0 && last) return;
      // The service rests between two looks as well; without it the bench would measure a busy loop.
      if (settled < SEQUENCE_BATCH && !last) await rest(50);
    }
  })();
  await writeFacts(bench.writers, count, APPEND);
  writing = false;
  await sequencing;
  return (count / (performance.now() - started)) * 1_000;
}

/** Fills up to the named number, in larger batches: this part is not measured. */
async function fill(bench: Bench): Promise<void> {
  const [row] = await bench.forService((tx) => tx.query<{ count: string }>('select count(*) from appended'));
  for (let there = Number(row?.count); there < RECORDS; ) {
    const batch = Array.from({ length: Math.min(5_000, RECORDS - there) }, nextRecord);
    await bench.writers.query(APPEND, [JSON.stringify(batch)]);
    while ((await bench.sequence()) > 0);
    there += batch.length;
    if (there % 100_000 < 5_000) say(`${there} records`);
  }
  // As autovacuum does by itself on a server that lives longer than a bench.
  await bench.forService((tx) => tx.query('analyze'));
  await bench.checkpoint();
}

/** 200 records/s for a while, sequencer and checkpoints at their usual rests; from commit to the checkpoint over it. */
async function underSteadyLoad(bench: Bench): Promise<number> {
  let running = true;
  const loop = async (work: () => Promise<number>, every: number) => {
    while (running) {
      await work();
      await rest(every);
    }
  };
  const loops = [loop(bench.sequence, 50), loop(bench.checkpoint, 250)];
  const committed = new Map<string, number>();
  for (const end = Date.now() + (quick ? 3_000 : 10_000); Date.now() < end; await rest(45)) {
    const batch = Array.from({ length: 10 }, nextRecord);
    await bench.writers.query(APPEND, [JSON.stringify(batch)]);
    for (const record of batch) committed.set(record.id, Date.now());
  }
  await rest(1_000);
  running = false;
  await Promise.all(loops);
  const rows = await bench.forService((tx) =>
    tx.query<{ id: string; made_at: string }>(
      `select a.id, (select min(c.made_at) from checkpoint c where c.log_no = e.log_no and c.size > e.idx) as made_at
       from appended a join entry e using (position) where a.id = any($1)`,
      [[...committed.keys()]],
    ),
  );
  if (rows.length !== committed.size) throw new Error('records are without a place');
  return percentile(
    rows.map((row) => Number(row.made_at) - (committed.get(row.id) ?? 0)),
    0.99,
  );
}

/** Machine and a window of time, and the proof of one leaf, at uniform random places. */
async function ask(transactor: Transactor): Promise<{ queryP99Ms: number; proofP99Ms: number }> {
  const span = countMade() * STEP_MS;
  const [queries, proofs] = [[] as number[], [] as number[]];
  for (let i = 0; i < (quick ? 200 : 1_000); i += 1) {
    const log = agreementOf(random(BUSY));
    const from = START + Math.floor((random(1_000) / 1_000) * span);
    const filter = { log, resource: `press-${random(MACHINES)}`, from, to: from + span / 10, limit: ROWS_PER_QUERY };
    const asked = performance.now();
    const answer = await transactor.run((tx) => queryLog(tx, { organisation: BUYER, filter }));
    queries.push(performance.now() - asked);
    if (!answer.allowed) throw new Error(answer.refusal.code);
    const index = random(answer.value.treeSize);
    const proving = performance.now();
    const proof = await transactor.run((tx) => prove(tx, { organisation: VENDOR, log, indexes: [index] }));
    proofs.push(performance.now() - proving);
    if (!proof.allowed) throw new Error(proof.refusal.code);
  }
  say(`medians: query ${round(percentile(queries, 0.5))} ms, proof ${round(percentile(proofs, 0.5))} ms`);
  return { queryP99Ms: round(percentile(queries, 0.99)), proofP99Ms: round(percentile(proofs, 0.99)) };
}

const began = performance.now();
const dir = mkdtempSync(join(tmpdir(), 'interlock-bench-p7-'));
chmodSync(dir, 0o711);
const server = await startPostgres({
  dataDir: join(dir, 'data'),
  binCacheDir: openCacheFolder(),
  settings: { shared_buffers: '256MB', max_wal_size: '4GB' },
});
try {
  const bench = await open(await evidenceDatabase(server));
  const { figures, checkpointsOfIdleLogs, peers } = await measure(bench);
  await bench.close();
  const conditions = {
    cores: availableParallelism(),
    durability: 'fsync, synchronous_commit, full_page_writes on, also for the peer',
    batch: BATCH,
    writers: WRITERS,
    bytesPerRecord: JSON.stringify(nextRecord()).length,
    measuredRecords: MEASURED,
    agreements: AGREEMENTS,
    idleAgreements: AGREEMENTS - BUSY,
    checkpointsOfIdleLogs,
    machinesPerAgreement: MACHINES,
    rowsPerQuery: ROWS_PER_QUERY,
    proofsInQuery: 'one inclusion proof a row',
  };
  const seconds = round((performance.now() - began) / 1_000);
  process.stdout.write(`${JSON.stringify({ id: 'P7', figures, conditions, peers, seconds })}\n`);
} finally {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
}
