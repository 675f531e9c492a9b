import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { EVERY_ORGANISATION, type Transactor } from '@interlock/chassis/db';
import { appendLeaves, type Frontier } from '@interlock/proof';
import { Client } from 'pg';
import { type CopyStreamQuery, from as copyFrom } from 'pg-copy-streams';
import { leafHashes } from '../../../apps/audit/src/store/entry.store.js';
import { findLog, growLogs } from '../../../apps/audit/src/store/log.store.js';
import { type SourceHead, writeHeads } from '../../../apps/audit/src/store/source-head.store.js';
import { growTiles } from '../../../apps/audit/src/store/tile.store.js';
import { APPENDED_COLUMNS, ENTRY_COLUMNS, type FilledLog, type Part, type Rows } from './fill-part.js';

/** Threads that make rows. */
const MAKERS = 2;
/** Records in one message, and messages of a thread under way. */
const AT_ONCE = 2_000;
const UNDER_WAY = 4;
/** Leaves that tiles are made of at once. */
const LEAVES = 65_536;

/** What a thread is told: its logs in turn. */
export interface MakerTask {
  readonly parts: readonly Part[];
  readonly atOnce: number;
  readonly underWay: number;
}
export type MakerSays = { readonly rows: Rows } | { readonly heads: readonly SourceHead[] };

export interface Filling {
  /** Of whoever administers the database that has the schema `audit`. */
  readonly adminUrl: string;
  readonly transactor: Transactor;
  /** Starts the program again as a thread that calls `makeRows`. */
  startMaker(task: MakerTask): Worker;
  say(text: string): void;
}

/**
 * Fills logs with `count` records of the fixed history, dealt to them in turn from record `from` on, as they would lie there after the service had taken them one by one:
 * the same rows by the same rules, brought by COPY. Indexes and keys are dropped before and built again after it, as an operator does who moves
 * a history. Tiles and the right edge are grown by the service's own code.
 */
export async function fillHistory(
  filling: Filling,
  logs: readonly FilledLog[],
  from: number,
  count: number,
): Promise<void> {
  const admin = await connected(filling.adminUrl);
  const { rows } = await admin.query<{ position: string }>(
    `select coalesce(max(position), 0) as position from audit.appended`,
  );
  const position = Number(rows[0]?.position) - from;
  const indexes = await dropIndexes(admin);
  const parts = logs.map((log, turn): Part => {
    const first = from + turn;
    return { log, first, step: logs.length, count: Math.ceil((from + count - first) / logs.length), position };
  });
  const heads = await copyRows(filling, parts, count);
  filling.say('building keys and indexes');
  for (const sql of indexes) {
    const began = performance.now();
    await admin.query(sql);
    filling.say(`${((performance.now() - began) / 1_000).toFixed(0)} s: ${sql.slice(0, 90)}`);
  }
  await admin.query(`select setval('audit.appended_position', (select max(position) from audit.appended))`);
  await admin.query('vacuum (analyze) audit.appended');
  await admin.query('vacuum (analyze) audit.entry');
  filling.say('growing tiles');
  for (const part of parts) await growTree(filling.transactor, part);
  await filling.transactor.run(async (tx) => {
    await tx.actFor(EVERY_ORGANISATION);
    await writeHeads(tx, heads);
  });
  await admin.query('vacuum (analyze) audit.tile');
  await admin.end();
}

const connected = async (url: string): Promise<Client> => {
  const client = new Client(url);
  await client.connect();
  await client.query("set search_path = audit; set maintenance_work_mem = '1GB'; set synchronous_commit = off");
  return client;
};

/** Drops keys and indexes of the two large tables; answers what builds them again. */
async function dropIndexes(admin: Client): Promise<readonly string[]> {
  const tables = `('audit.appended'::regclass, 'audit.entry'::regclass)`;
  const keys = await admin.query<{ table: string; name: string; definition: string }>(
    `select conrelid::regclass::text as table, conname as name, pg_get_constraintdef(oid) as definition
     from pg_constraint where conrelid in ${tables} and contype in ('p', 'u') order by contype`,
  );
  const others = await admin.query<{ name: string; definition: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index i
     where indrelid in ${tables} and not exists (select from pg_constraint c where c.conindid = i.indexrelid)`,
  );
  for (const { name } of others.rows) await admin.query(`drop index ${name}`);
  for (const { table, name } of keys.rows) await admin.query(`alter table ${table} drop constraint ${name}`);
  return [
    ...keys.rows.map(({ table, name, definition }) => `alter table ${table} add constraint ${name} ${definition}`),
    ...others.rows.map(({ definition }) => definition.replace(' ON ONLY ', ' ON ')),
  ];
}

/** One connection for each table, so that the server works on both at once. */
async function copyRows(filling: Filling, parts: readonly Part[], count: number): Promise<readonly SourceHead[]> {
  const [records, entries] = [await connected(filling.adminUrl), await connected(filling.adminUrl)];
  const fresh = (await records.query('select 1 from audit.appended limit 1')).rowCount === 0;
  for (const [client, table] of [
    [records, 'appended'],
    [entries, 'entry'],
  ] as const) {
    await client.query('begin');
    // What is made in the transaction that empties a table is not logged twice, and its rows are seen by all from the start.
    if (fresh) await client.query(`set session_replication_role = replica; truncate ${table}`);
  }
  const sinks = {
    appended: records.query(copyFrom(`copy appended (${APPENDED_COLUMNS}) from stdin${fresh ? ' freeze' : ''}`)),
    entries: entries.query(copyFrom(`copy entry (${ENTRY_COLUMNS}) from stdin`)),
  };
  const began = performance.now();
  let copied = 0;
  const take = async (rows: Rows): Promise<void> => {
    await Promise.all([put(sinks.appended, rows.appended), put(sinks.entries, rows.entries)]);
    const before = copied;
    copied += rows.records;
    if (Math.floor(copied / 250_000) > Math.floor(before / 250_000))
      filling.say(`${copied} of ${count} records, ${Math.round(copied / ((performance.now() - began) / 1_000))}/s`);
  };
  const shares = Array.from({ length: MAKERS }, (_, m) => parts.filter((_part, at) => at % MAKERS === m));
  const busy = shares.filter((share) => share.length > 0);
  const heads = await Promise.all(
    busy.map((share) => rowsOf(filling.startMaker({ parts: share, atOnce: AT_ONCE, underWay: UNDER_WAY }), take)),
  );
  for (const sink of [sinks.appended, sinks.entries]) {
    sink.end();
    await once(sink, 'finish');
  }
  for (const client of [records, entries]) {
    await client.query('commit');
    await client.end();
  }
  return heads.flat();
}

/** What one thread makes, each message answered once it is on its way to the server. */
function rowsOf(maker: Worker, take: (rows: Rows) => Promise<void>): Promise<readonly SourceHead[]> {
  return new Promise((done, failed) => {
    maker.on('message', (said: MakerSays) => {
      if ('heads' in said) done(said.heads);
      else take(said.rows).then(() => maker.postMessage('more'), failed);
    });
    maker.on('error', failed);
  });
}

async function put(sink: CopyStreamQuery, bytes: Uint8Array): Promise<void> {
  if (!sink.write(bytes)) await once(sink, 'drain');
}

/** The right edge and the tiles over the leaves that were brought. */
async function growTree(transactor: Transactor, { log, count }: Part): Promise<void> {
  for (let from = log.size; from < log.size + count; from += LEAVES) {
    const to = Math.min(log.size + count, from + LEAVES);
    await transactor.run(async (tx) => {
      await tx.actFor(EVERY_ORGANISATION);
      const head = await findLog(tx, log.log);
      if (head?.frontier.size !== from) throw new Error(`log ${log.log} is not at ${from}`);
      const frontier: Frontier = appendLeaves(head.frontier, await leafHashes(tx, log.no, from, to));
      await growTiles(tx, log.no, from, to);
      await growLogs(tx, [{ no: log.no, frontier }]);
    });
  }
}
