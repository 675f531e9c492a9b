import { EVERY_ORGANISATION, type Transactor } from '@interlock/chassis/db';
import type { AuditFilter } from '@interlock/contracts';
import type { LabelName } from '@interlock/domain';
import {
  canonicalBytes,
  decodeBase64,
  type Hash,
  hashLeaf,
  parseCheckpoint,
  verifyConsistency,
  verifyInclusion,
} from '@interlock/proof';
import type { Pool } from 'pg';
import { prove } from '../../../apps/audit/src/commands/prove.js';
import { countLog, queryLog } from '../../../apps/audit/src/commands/query-log.js';
import { SEQUENCE_BATCH } from '../../../apps/audit/src/commands/sequence-waiting.js';
import { appendRecords, insertBare, makeAndInsertBare, writeFacts } from './evidence-database.js';
import {
  agreementOf,
  BUSY,
  BUYER,
  countMade,
  MACHINES,
  nextRecord,
  pick,
  START,
  STEP_MS,
  VENDOR,
} from './fixed-history.js';

/** The audit service's work on one database, run by the bench at the service's own rests. */
export interface Bench {
  readonly writers: Pool;
  readonly transactor: Transactor;
  sequence(): Promise<number>;
  checkpoint(): Promise<number>;
}

const TURNS = 3;
export const ROWS_PER_QUERY = 50;

export const percentile = (values: readonly number[], p: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * p))] ?? Number.NaN;
export const round = (value: number): number => Number(value.toFixed(2));
const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Bare inserts and facts with their evidence in turns, so that both meet the same machine. Medians of the turns. */
export async function measureAppend(bench: Bench, records: number) {
  const [bare, made, ours] = [[] as number[], [] as number[], [] as number[]];
  await writeFacts(bench.writers, 1_000, insertBare);
  await appendAndSequence(bench, 1_000);
  for (let turn = 0; turn < TURNS; turn += 1) {
    bare.push(await writeFacts(bench.writers, records / TURNS, insertBare));
    made.push(await writeFacts(bench.writers, records / TURNS, makeAndInsertBare));
    ours.push(await appendAndSequence(bench, records / TURNS));
  }
  const [appendPerSecond = 0, barePerSecond = 1, madePerSecond = 1] = [ours, bare, made].map((one) =>
    percentile(one, 0.5),
  );
  return {
    appendPerSecond: round(appendPerSecond),
    barePerSecond: round(barePerSecond),
    madePerSecond: round(madePerSecond),
    appendRatio: round(appendPerSecond / barePerSecond),
    appendRatioMade: round(appendPerSecond / madePerSecond),
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
  await writeFacts(bench.writers, count, appendRecords);
  writing = false;
  await sequencing;
  return (count / (performance.now() - started)) * 1_000;
}

/** 200 records/s for a while, sequencer and checkpoints at their usual rests; from commit to the checkpoint over it. */
export async function underSteadyLoad(bench: Bench, ms: number): Promise<number> {
  let running = true;
  const loop = async (work: () => Promise<number>, every: number) => {
    while (running) {
      await work();
      await rest(every);
    }
  };
  const loops = [loop(bench.sequence, 50), loop(bench.checkpoint, 250)];
  const committed = new Map<string, number>();
  for (const end = Date.now() + ms; Date.now() < end; await rest(45)) {
    const batch = Array.from({ length: 10 }, nextRecord);
    await appendRecords(batch)(bench.writers);
    for (const record of batch) committed.set(record.id, Date.now());
  }
  await rest(1_000);
  running = false;
  await Promise.all(loops);
  while ((await bench.sequence()) > 0);
  await bench.checkpoint();
  const rows = await bench.transactor.run(async (tx) => {
    await tx.actFor(EVERY_ORGANISATION);
    return tx.query<{ id: string; made_at: string }>(
      `select a.id, (select min(c.made_at) from checkpoint c where c.log_no = e.log_no and c.size > e.idx) as made_at
       from appended a join entry e using (position) where a.id = any($1)`,
      [[...committed.keys()]],
    );
  });
  if (rows.length !== committed.size) throw new Error('records are without a place');
  const waits = rows.map((row) => Number(row.made_at) - (committed.get(row.id) ?? 0));
  return percentile(waits, 0.99);
}

/** Machine and a window of time, and the proof of one leaf, at uniform random places; each proof is held against its checkpoint. */
export async function ask(transactor: Transactor, times: number) {
  const span = countMade() * STEP_MS;
  const [queries, proofs] = [[] as number[], [] as number[]];
  for (let i = 0; i < times; i += 1) {
    const log = agreementOf(pick(i, 50, BUSY));
    const from = START + Math.floor((pick(i, 51, 1_000) / 1_000) * span);
    const resource = `press-${pick(i, 52, MACHINES)}`;
    const filter = { log, resource, from, to: from + Math.floor(span / 10), limit: ROWS_PER_QUERY };
    const asked = performance.now();
    const answer = await transactor.run((tx) => queryLog(tx, { organisation: BUYER, filter }));
    queries.push(performance.now() - asked);
    if (!answer.allowed) throw new Error(answer.refusal.code);
    const index = pick(i, 53, answer.value.treeSize);
    const proving = performance.now();
    const proof = await transactor.run((tx) => prove(tx, { organisation: VENDOR, log, indexes: [index] }));
    proofs.push(performance.now() - proving);
    if (!proof.allowed) throw new Error(proof.refusal.code);
    demandIncluded(proof.value);
  }
  return {
    queryP99Ms: round(percentile(queries, 0.99)),
    queryP50Ms: round(percentile(queries, 0.5)),
    proofP99Ms: round(percentile(proofs, 0.99)),
    proofP50Ms: round(percentile(proofs, 0.5)),
  };
}

function demandIncluded(proven: {
  readonly checkpoint: string;
  readonly inclusion: readonly {
    readonly index: number;
    readonly record: unknown;
    readonly proof: readonly string[];
  }[];
}): void {
  const note = parseCheckpoint(proven.checkpoint);
  const [row] = proven.inclusion;
  if (!note.allowed || !row) throw new Error('a proof without a checkpoint');
  const { size, root } = note.value.checkpoint;
  const path = row.proof.map((line) => decodeBase64(line) as Hash);
  if (!verifyInclusion(row.index, size, hashLeaf(canonicalBytes(row.record)), path, root).allowed)
    throw new Error(`the proof of ${row.index} does not hold`);
}

/** The oldest signed state of each busy log against its newest: what was filled is the beginning of what was appended after it. Answers how many there were. */
export async function demandOneHistory(transactor: Transactor): Promise<number> {
  let checked = 0;
  for (let n = 0; n < BUSY; n += 1) {
    const log = agreementOf(n);
    const old = await transactor.run(async (tx) => {
      await tx.actFor(EVERY_ORGANISATION);
      const [first] = await tx.query<{ size: string; root: Buffer }>(
        'select c.size, c.root from checkpoint c join log l on l.no = c.log_no where l.name = $1 order by c.size limit 1',
        [log],
      );
      return { size: Number(first?.size), root: first?.root as Hash };
    });
    const ask = { organisation: VENDOR, log, indexes: [], oldSize: old.size };
    const proven = await transactor.run((tx) => prove(tx, ask));
    if (!proven.allowed) throw new Error(proven.refusal.code);
    const note = parseCheckpoint(proven.value.checkpoint);
    const path = (proven.value.consistency ?? []).map((line) => decodeBase64(line) as Hash);
    if (!note.allowed) throw new Error(note.refusal.code);
    const { size, root } = note.value.checkpoint;
    if (size <= old.size || !verifyConsistency(old.size, size, old.root, root, path).allowed)
      throw new Error(`log ${log} has two histories`);
    checked += 1;
  }
  return checked;
}

/** Every other question that the audit service documents, alone and for a page; 99th percentile of each in milliseconds. */
export async function askEach(transactor: Transactor, times: number): Promise<Record<string, number>> {
  const questions: { readonly [Name in LabelName | 'text']?: (i: number) => string } = {
    subject: (i) => `technician-${pick(i, 60, 200)}`,
    approver: (i) => `shift-lead-${pick(i, 61, 20)}`,
    organisation: () => VENDOR,
    site: () => 'gateway-1',
    ticket: (i) => `WO-${pick(i, 62, 50_000)}`,
    purpose: () => 'maintenance',
    category: () => 'vibration',
    region: () => 'eu-west',
    recipient: () => VENDOR,
    clause: () => 'window',
    code: () => 'outside_window',
    kind: () => 'flow.delivered',
    outcome: () => 'deny',
    // A name that is not there at all looks at no row.
    session: (i) => `ses_${String(i).padStart(26, '0')}`,
    correlation: (i) => `cor_${String(i).padStart(26, '0')}`,
    text: () => 'released remote',
  };
  const slow: Record<string, number> = {};
  for (const [name, value] of Object.entries(questions)) {
    const took: number[] = [];
    for (let i = 0; i < times; i += 1) {
      const filter: AuditFilter = { log: agreementOf(pick(i, 63, BUSY)), [name]: value(i), limit: ROWS_PER_QUERY };
      const began = performance.now();
      const answer = await transactor.run((tx) => queryLog(tx, { organisation: BUYER, filter }));
      took.push(performance.now() - began);
      if (!answer.allowed) throw new Error(`${name}: ${answer.refusal.code}`);
    }
    slow[name] = round(percentile(took, 0.99));
  }
  const began = performance.now();
  const filter = { log: agreementOf(0), outcome: 'deny', limit: 1 };
  await transactor.run((tx) => countLog(tx, { organisation: BUYER, filter, by: ['resource', 'code'] }));
  slow.facets = round(performance.now() - began);
  return slow;
}
