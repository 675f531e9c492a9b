import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { APPEND_ALL, appendJson } from '@interlock/chassis/db';
import { SERVICES } from '@interlock/contracts';
import type { EvidenceRecord } from '@interlock/domain';
import type { RunningPostgres } from '@interlock/trial';
import { Client, type Pool } from 'pg';
import { MIGRATIONS } from '../../../apps/audit/src/store/migrations/index.js';
import { nextRecord } from './fixed-history.js';

/** Records in one transaction, and connections that write at once. */
export const BATCH = 10;
export const WRITERS = 8;
/** The peer: the same bytes, one table, one index. */
const BARE = `insert into bare select one -> 0 ->> 'id', one -> 0 ->> 'log', one -> 0, nullif(one -> 1, 'null')
  from jsonb_array_elements($1::jsonb) as one`;

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
export async function evidenceDatabase(server: RunningPostgres): Promise<(role: string) => string> {
  const password = randomBytes(18).toString('base64url');
  const roles = SERVICES.reduce(
    (sql, name) => sql.replaceAll(`:'interlock_${name.replaceAll('-', '_')}_password'`, `'${password}'`),
    readFileSync(join(process.cwd(), 'docker/postgres/roles.sql'), 'utf8'),
  );
  await inDatabase(server.adminUrl, (admin) => admin.query('create database interlock'));
  await inDatabase(server.adminUrl.replace(/\/[^/]*$/, '/interlock'), (admin) => admin.query(roles));
  const urlOf = (role: string) => `postgres://interlock_${role}:${password}@127.0.0.1:${server.port}/interlock`;
  await inDatabase(urlOf('audit'), async (owner) => {
    await owner.query(`create table outbox (position bigint generated always as identity, event_id text primary key,
      event_name text not null, body text not null, appended_at timestamptz not null default now(),
      published_at timestamptz, traceparent text)`);
    for (const { sql } of MIGRATIONS) await owner.query(sql);
  });
  await inDatabase(urlOf('grants'), (client) =>
    client.query(`create table facts (id text primary key, note text not null);
      create table bare (id text primary key, log text not null, body jsonb not null, opened jsonb)`),
  );
  return urlOf;
}

/** One batch of records on its way into the database. */
export type WriteBatch = (to: Queryable) => Promise<unknown>;

/** Appends records as a service does: salts are drawn and digests made while the clock runs, and only digests go into the log. */
export const appendRecords =
  (records: readonly EvidenceRecord[]): WriteBatch =>
  (to) =>
    to.query(APPEND_ALL, [appendJson(records)]);

/** The same bytes into one table with one index. They are there before the clock runs: to make them is no work of the peer's. */
export function insertBare(records: readonly EvidenceRecord[]): WriteBatch {
  const bytes = appendJson(records);
  return (to) => to.query(BARE, [bytes]);
}

/** The same, by a program that makes these bytes of its records while the clock runs, salts and digests too. */
export const makeAndInsertBare =
  (records: readonly EvidenceRecord[]): WriteBatch =>
  (to) =>
    to.query(BARE, [appendJson(records)]);

interface Queryable {
  query(sql: string, values: unknown[]): Promise<unknown>;
}

/** Writes `count` facts with their records, in batches over several connections; answers records per second. */
export async function writeFacts(
  pool: Pool,
  count: number,
  way: (records: readonly EvidenceRecord[]) => WriteBatch,
): Promise<number> {
  const batches = Array.from({ length: Math.ceil(count / BATCH) }, () => {
    const records = Array.from({ length: BATCH }, nextRecord);
    return { ids: records.map((record) => record.id), write: way(records) };
  });
  const started = performance.now();
  await Promise.all(
    Array.from({ length: WRITERS }, async () => {
      for (let batch = batches.pop(); batch; batch = batches.pop()) {
        const client = await pool.connect();
        let committed = false;
        try {
          await client.query('begin');
          await client.query('insert into facts select id, $2 from unnest($1::text[]) id', [
            batch.ids,
            'a fact of a service',
          ]);
          await batch.write(client);
          await client.query('commit');
          committed = true;
        } finally {
          // A connection that failed is closed, or the end of the bench would wait for it.
          client.release(!committed);
        }
      }
    }),
  );
  return (count / (performance.now() - started)) * 1_000;
}
