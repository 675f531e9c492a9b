// P7: evidence. One durable PostgreSQL; facts with their evidence against bare inserts of the same bytes and batch, then
// checkpoint, query and proof at the named number of records, with 990 of 1,000 agreements idle.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomIds } from '@interlock/chassis';
import { EVERY_ORGANISATION, Transactor } from '@interlock/chassis/db';
import { SERVICES } from '@interlock/contracts';
import type { AgreementId, EvidenceRecord, LocalId, OrganisationId } from '@interlock/domain';
import { openCacheFolder, type RunningPostgres, startPostgres } from '@interlock/trial';
import { Client, Pool } from 'pg';
import { DataSource } from 'typeorm';
import { logSigner } from '../../apps/audit/src/commands/log-signer.js';
import { makeCheckpoints } from '../../apps/audit/src/commands/make-checkpoints.js';
import { prove } from '../../apps/audit/src/commands/prove.js';
import { queryLog } from '../../apps/audit/src/commands/query-log.js';
import { SEQUENCE_BATCH, sequenceWaiting } from '../../apps/audit/src/commands/sequence-waiting.js';
import { MIGRATIONS } from '../../apps/audit/src/store/migrations/0001-evidence.js';
import { registerParties } from '../../apps/audit/src/store/party.store.js';

const argument = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const quick = process.argv.includes('--quick');
const RECORDS = argument('records', 10_000_000);
const MEASURED = quick ? 10_000 : 40_000;
const BATCH = 10;
const WRITERS = 8;
const AGREEMENTS = 1_000;
const BUSY = 10;
const MACHINES = 100;
const BUYER = 'delta-foods.example' as OrganisationId;
const VENDOR = 'alpine-presses.example' as OrganisationId;
const KINDS = ['session.opened', 'session.closed', 'flow.delivered', 'session.refused'] as const;

/** Same numbers in every run (xorshift32). */
let state = 0x2545f491;
const random = (below: number): number => {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % below;
};
const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';
const idOf = (prefix: string, n: number): string =>
  `${prefix}_${n
    .toString(32)
    .padStart(26, '0')
    .replace(/[a-v]/g, (c) => CROCKFORD[Number.parseInt(c, 32)] as string)}`;
const agreementOf = (n: number): AgreementId => idOf('agr', n) as AgreementId;

const START = Date.UTC(2026, 0, 1);
let made = 0;
/** How many of them became evidence; the peer's do not. */
let appended = 0;
function aRecord(): EvidenceRecord {
  made += 1;
  const kind = KINDS[random(KINDS.length)] as (typeof KINDS)[number];
  const delivered = kind === 'flow.delivered';
  return {
    v: 1,
    id: idOf('evd', made),
    log: agreementOf(random(BUSY)),
    kind,
    outcome: delivered ? 'delivery' : kind === 'session.refused' ? 'deny' : 'allow',
    at: START + made * 50,
    source: `${BUYER}/gateway-1`,
    organisation: BUYER,
    subject: { organisation: VENDOR, kind: 'person', id: `technician-${random(200)}` as LocalId },
    resource: { owner: BUYER, id: `press-${random(MACHINES)}` as LocalId },
    agreement: null,
    grant: null,
    session: idOf('ses', random(100_000)),
    clause: kind === 'session.refused' ? 'window' : null,
    code: kind === 'session.refused' ? 'outside_window' : null,
    approvers: [],
    region: delivered ? ('eu-west' as LocalId) : null,
    recipients: delivered ? [VENDOR] : [],
    documents: [],
    count: 1,
    correlation: idOf('cor', made),
  };
}

const percentile = (values: number[], p: number): number =>
  values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * p))] ?? Number.NaN;
const round = (value: number, digits = 2): number => Number(value.toFixed(digits));
const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

async function inDatabase<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Roles, schemas and tables as the services make them. Answers the URL of a role. */
async function prepare(server: RunningPostgres): Promise<(role: string) => string> {
  const password = randomBytes(18).toString('base64url');
  const roles = SERVICES.reduce(
    (sql, name) => sql.replaceAll(`:'interlock_${name.replaceAll('-', '_')}_password'`, `'${password}'`),
    readFileSync(join(process.cwd(), 'docker/postgres/roles.sql'), 'utf8'),
  );
  await inDatabase(server.adminUrl, (admin) => admin.query('create database interlock'));
  const url = server.adminUrl.replace(/\/[^/]*$/, '/interlock');
  await inDatabase(url, (admin) => admin.query(roles));
  const urlOf = (role: string) => `postgres://interlock_${role}:${password}@127.0.0.1:${server.port}/interlock`;
  await inDatabase(urlOf('audit'), async (owner) => {
    await owner.query(`create table outbox (position bigint generated always as identity, event_id text primary key,
      event_name text not null, body text not null, appended_at timestamptz not null default now(), published_at timestamptz)`);
    for (const { sql } of MIGRATIONS) await owner.query(sql);
  });
  await inDatabase(urlOf('grants'), (client) =>
    client.query(`create table facts (id text primary key, note text not null);
      create table bare (id text primary key, log text not null, body jsonb not null)`),
  );
  return urlOf;
}

/** Runs `count` records in batches over several connections; answers records per second. */
async function writeAll(pool: Pool, count: number, statement: string): Promise<number> {
  const batches = Array.from({ length: Math.ceil(count / BATCH) }, () => Array.from({ length: BATCH }, aRecord));
  if (statement === APPEND) appended += batches.length * BATCH;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: WRITERS }, async () => {
      for (let batch = batches.pop(); batch; batch = batches.pop()) {
        const client = await pool.connect();
        await client.query('begin');
        await client.query('insert into facts select id, $2 from unnest($1::text[]) id', [
          batch.map((record) => record.id),
          'a fact of a service',
        ]);
        await client.query(statement, [JSON.stringify(batch)]);
        await client.query('commit');
        client.release();
      }
    }),
  );
  return (count / (performance.now() - started)) * 1_000;
}

const APPEND = 'select evidence.append(r) from jsonb_array_elements($1::jsonb) r';
const BARE = `insert into bare select r ->> 'id', r ->> 'log', r from jsonb_array_elements($1::jsonb) r`;

async function main(): Promise<void> {
  const began = performance.now();
  const dir = mkdtempSync(join(tmpdir(), 'interlock-bench-p7-'));
  chmodSync(dir, 0o711);
  const server = await startPostgres({
    dataDir: join(dir, 'data'),
    binCacheDir: openCacheFolder(),
    settings: { shared_buffers: '256MB', max_wal_size: '4GB' },
  });
  try {
    const figures = await measure(await prepare(server));
    const conditions = {
      cores: availableParallelism(),
      durability: 'fsync, synchronous_commit, full_page_writes on, also for the peer',
      batch: BATCH,
      writers: WRITERS,
      bytesPerRecord: JSON.stringify(aRecord()).length,
      agreements: AGREEMENTS,
      idleAgreements: AGREEMENTS - BUSY,
      machinesPerAgreement: MACHINES,
      rowsPerQuery: 50,
      proofsInQuery: 'one inclusion proof a row',
      ...figures.conditions,
    };
    const line = {
      id: 'P7',
      figures: figures.figures,
      conditions,
      peers: figures.peers,
      seconds: round((performance.now() - began) / 1_000),
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function measure(urlOf: (role: string) => string) {
  const source = await new DataSource({
    type: 'postgres',
    url: urlOf('audit'),
    schema: 'audit',
    poolSize: 6,
    installExtensions: false,
    extra: { options: '-c search_path=audit' },
  }).initialize();
  const transactor = new Transactor(source, 'audit');
  const grants = new Pool({ connectionString: urlOf('grants'), max: WRITERS });
  const signer = logSigner('broker.example', generateKeyPairSync('ed25519').privateKey);
  const ids = new RandomIds();
  const sequence = () => transactor.run((tx) => sequenceWaiting(tx));
  const checkpoint = () => transactor.run((tx) => makeCheckpoints(tx, signer, ids, Date.now()));
  await transactor.run(async (tx) => {
    await tx.actFor(EVERY_ORGANISATION);
    for (let n = 0; n < AGREEMENTS; n += 1) await registerParties(tx, agreementOf(n), [VENDOR, BUYER], [VENDOR, BUYER]);
  });

  await writeAll(grants, 2_000, BARE);
  await writeAll(grants, 2_000, APPEND);
  while ((await sequence()) > 0);
  const [bare, ours] = [[] as number[], [] as number[]];
  for (let turn = 0; turn < 3; turn += 1) {
    bare.push(await writeAll(grants, MEASURED / 3, BARE));
    ours.push(await appendAndSequence(grants, MEASURED / 3, sequence));
    say(
      `bare ${round(bare.at(-1) as number)} records/s, with evidence and place ${round(ours.at(-1) as number)} records/s`,
    );
  }
  await fill(grants, sequence);
  await checkpoint();
  const perSecond = percentile(ours, 0.5);
  const checkpointP99Ms = await underSteadyLoad(grants, sequence, checkpoint, source);
  const { queryP99Ms, proofP99Ms } = await ask(transactor);
  const [{ records }] = (await transactor.run(async (tx) => {
    await tx.actFor(EVERY_ORGANISATION);
    return tx.query<{ records: string }>('select count(*) as records from entry');
  })) as [{ records: string }];
  const [{ idle }] = (await transactor.run(async (tx) => {
    await tx.actFor(EVERY_ORGANISATION);
    return tx.query<{ idle: string }>(
      'select count(*) as idle from checkpoint c join log l on l.no = c.log_no where l.size = 0',
    );
  })) as [{ idle: string }];
  await grants.end();
  await source.destroy();
  return {
    figures: {
      appendPerSecond: round(perSecond),
      appendRatio: round(perSecond / percentile(bare, 0.5)),
      checkpointP99Ms,
      queryP99Ms,
      proofP99Ms,
      records: Number(records),
    },
    conditions: { checkpointsOfIdleLogs: Number(idle), measuredRecords: MEASURED },
    peers: { bareInsertPerSecond: round(percentile(bare, 0.5)) },
  };
}

/** Facts with evidence while the sequencer runs; the clock stops when the last one has its place. */
async function appendAndSequence(pool: Pool, count: number, sequence: () => Promise<number>): Promise<number> {
  const started = performance.now();
  let writing = true;
  const sequencing = (async () => {
    for (;;) {
      const last = !writing;
      const settled = await sequence();
      if (settled === 0 && last) return;
      // The service rests between two looks as well; without it the bench would measure a busy loop.
      if (settled < SEQUENCE_BATCH && !last) await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  await writeAll(pool, count, APPEND);
  writing = false;
  await sequencing;
  return (count / (performance.now() - started)) * 1_000;
}

/** Fills up to the named number, in larger batches: this part is not measured. */
async function fill(pool: Pool, sequence: () => Promise<number>): Promise<void> {
  while (appended < RECORDS) {
    const batch = Array.from({ length: Math.min(5_000, RECORDS - appended) }, aRecord);
    await pool.query(APPEND, [JSON.stringify(batch)]);
    appended += batch.length;
    while ((await sequence()) > 0);
    if (appended % 100_000 < 5_000) say(`${appended} records`);
  }
}

/** 200 records/s for a while, sequencer and checkpoints at their usual rests; from commit to the checkpoint over it. */
async function underSteadyLoad(
  pool: Pool,
  sequence: () => Promise<number>,
  checkpoint: () => Promise<number>,
  source: DataSource,
): Promise<number> {
  let running = true;
  const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const loop = async (work: () => Promise<number>, every: number) => {
    while (running) {
      await work();
      await rest(every);
    }
  };
  const loops = [loop(sequence, 50), loop(checkpoint, 250)];
  const committed = new Map<string, number>();
  for (const end = Date.now() + (quick ? 3_000 : 10_000); Date.now() < end; await rest(45)) {
    const batch = Array.from({ length: 10 }, aRecord);
    await pool.query(APPEND, [JSON.stringify(batch)]);
    for (const record of batch) committed.set(record.id, Date.now());
  }
  await rest(1_000);
  running = false;
  await Promise.all(loops);
  const rows: { id: string; made_at: string }[] = await source.transaction(async (manager) => {
    await manager.query(`select set_config('interlock.organisation', '*', true)`);
    return manager.query(
      `select a.id, (select min(c.made_at) from checkpoint c where c.log_no = e.log_no and c.size > e.idx) as made_at
       from appended a join entry e using (position) where a.id = any($1)`,
      [[...committed.keys()]],
    );
  });
  if (rows.length !== committed.size) throw new Error('records are without a place');
  return percentile(
    rows.map((row) => Number(row.made_at) - (committed.get(row.id) as number)),
    0.99,
  );
}

/** Machine and a window of time, and the proof of one leaf, at uniform random places. */
async function ask(transactor: Transactor): Promise<{ queryP99Ms: number; proofP99Ms: number }> {
  const rounds = quick ? 200 : 1_000;
  const span = made * 50;
  const [queries, proofs] = [[] as number[], [] as number[]];
  for (let i = 0; i < rounds; i += 1) {
    const log = agreementOf(random(BUSY));
    const from = START + Math.floor((random(1_000) / 1_000) * span);
    const filter = { log, resource: `press-${random(MACHINES)}`, from, to: from + span / 10, limit: 50 };
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
  return { queryP99Ms: round(percentile(queries, 0.99)), proofP99Ms: round(percentile(proofs, 0.99)) };
}

await main();
