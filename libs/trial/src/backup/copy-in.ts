import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { connected } from '../connected.js';
import { type BackupManifest, SCHEMAS, tableFile } from './manifest.js';

/**
 * Refuses a database that is not empty, before anything is done to it.
 *
 * @throws with the first table that is there, or with the first schema that is not
 */
export const refuseUsedDatabase = (adminUrl: string): Promise<void> =>
  connected(adminUrl, async (client) => {
    const { rows: schemas } = await client.query<{ name: string }>(
      'select nspname as name from pg_namespace where nspname = any($1)',
      [SCHEMAS],
    );
    const missing = SCHEMAS.find((wanted) => !schemas.some(({ name }) => name === wanted));
    if (missing) throw new Error(`the database has no schema ${missing}; run docker/postgres/roles.sql in it first`);
    const { rows: tables } = await client.query<{ name: string }>(
      `select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = any($1) and c.relkind in ('r', 'p') order by 1 limit 1`,
      [SCHEMAS],
    );
    if (tables[0]) throw new Error(`the database is not empty: ${tables[0].name} is there. Restore into a new one`);
  });

/** A whole log as a company kept it, verified against that company's root: its records in their order. */
export interface KeptLog {
  readonly log: string;
  readonly records: readonly KeptRecord[];
}

/** A record as its log holds it, and what opens what it withholds. */
export interface KeptRecord {
  readonly record: { readonly id: string };
  readonly opened: readonly string[];
}

/** What is put in: a backup, and what the companies kept of the logs since. */
export interface Restored {
  readonly folder: string;
  readonly backup: BackupManifest;
  readonly kept: readonly KeptLog[];
  /** That it was restored, as the operator's log will say it. */
  readonly record: { readonly id: string };
}

/**
 * Puts the rows of a backup into schemas that have run exactly the backup's migrations: all of them or none.
 *
 * What the outbox had handed to the bus is handed over again. The bus starts empty after a restore, and what a consumer had not
 * heard yet was there alone; what it had heard, its inbox drops.
 *
 * @param adminUrl of a superuser: triggers that refuse an illegal step of life would refuse rows in the middle of theirs
 */
export const copyDatabaseIn = (
  adminUrl: string,
  { folder, backup, kept, record }: Restored,
  progress: (what: string) => void,
): Promise<void> =>
  connected(adminUrl, async (client) => {
    await client.query('begin');
    await client.query('set local session_replication_role = replica');
    await refuseOtherMigrations(client, backup);
    progress(`${backup.tables.length} tables`);
    for (const { schema, table, columns, rows } of backup.tables) {
      // What a migration laid down is in the backup too.
      await client.query(`delete from "${schema}"."${table}"`);
      const names = columns.map((column) => `"${column}"`).join(', ');
      const sink = client.query(copyFrom(`copy "${schema}"."${table}" (${names}) from stdin`));
      await pipeline(createReadStream(join(folder, tableFile({ schema, table }))), sink);
      if (sink.rowCount !== rows) throw new Error(`${schema}.${table} took ${sink.rowCount} rows of ${rows}`);
    }
    for (const { schema, sequence, last, used } of backup.sequences) {
      await client.query('select setval($1::regclass, $2::bigint, $3)', [`"${schema}"."${sequence}"`, last, used]);
    }
    for (const schema of Object.keys(backup.migrations)) {
      await client.query(`update "${schema}".outbox set published_at = null where published_at is not null`);
    }
    for (const log of kept) {
      progress(`what a company kept of ${log.log}`);
      await goOnAsKept(client, log);
    }
    await append(client, record);
    await client.query('commit');
  });

/**
 * Gives a log the records it had after the backup, in the order it had them, so that it grows into the very tree that the witnesses cosigned.
 * What waited for its place when the backup was made has one of them, or comes after them.
 */
async function goOnAsKept(client: pg.Client, { log, records }: KeptLog): Promise<void> {
  const { rows: waiting } = await client.query<{ record: { id: string }; opened: readonly string[] | null }>(
    `with unplaced as (
       delete from audit.pending p using audit.appended a where a.position = p.position and a.log = $1 returning p.position)
     delete from audit.appended a using unplaced where a.position = unplaced.position returning a.body as record, a.opened`,
    [log],
  );
  const { rows: known } = await client.query<{ size: string }>('select size::text from audit.log where name = $1', [
    log,
  ]);
  for (const { record, opened } of [...records.slice(Number(known[0]?.size ?? 0)), ...waiting]) {
    const { rows } = await client.query<{ position: string }>(
      'select evidence.append($1::jsonb, $2::jsonb)::text as position',
      [JSON.stringify(record), opened && opened.length > 0 ? JSON.stringify(opened) : null],
    );
    if (Number(rows[0]?.position) < 0) throw new Error(`${record.id} of ${log} is another record than the backup has`);
  }
}

/** Writes what the operator did into his own log. The database's administrator alone may say it. */
export const recordOfOperator = (adminUrl: string, record: { readonly id: string }): Promise<void> =>
  connected(adminUrl, (client) => append(client, record));

async function append(client: pg.Client, record: { readonly id: string }): Promise<void> {
  await client.query('select evidence.append($1::jsonb)', [JSON.stringify(record)]);
}

async function refuseOtherMigrations(client: pg.Client, backup: BackupManifest): Promise<void> {
  for (const [schema, wanted] of Object.entries(backup.migrations)) {
    const { rows } = await client.query<{ name: string; sqlDigest: string }>(
      `select name, sql_digest as "sqlDigest" from "${schema}".migrations`,
    );
    const ran = new Map(rows.map((row) => [row.name, row.sqlDigest]));
    const other = wanted.find((step) => ran.get(step.name) !== step.sqlDigest)?.name;
    if (other || ran.size !== wanted.length) {
      throw new Error(`schema ${schema} is not the one that was backed up${other ? `: ${other} differs` : ''}`);
    }
  }
}
