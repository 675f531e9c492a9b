import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { newClient } from '../connected.js';
import { type BackedUpTable, type BackupManifest, SCHEMAS, tableFile } from './manifest.js';

/** The part of a manifest that the database answers for. */
export type DatabaseCopy = Pick<BackupManifest, 'takenAt' | 'migrations' | 'tables' | 'sequences'>;

/**
 * Writes every table of the broker to `<folder>/tables`, all as of one instant: one read-only transaction sees one snapshot, while
 * the services go on writing.
 *
 * @param adminUrl of a role that row-level security does not narrow
 * @throws where rows would be left out silently, or a schema is missing
 */
export async function copyDatabaseOut(
  adminUrl: string,
  folder: string,
  progress: (what: string) => void,
): Promise<DatabaseCopy> {
  const client = await newClient(adminUrl);
  await client.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    // With it a role that is narrowed gets an error; without it, a backup without most of its rows.
    await client.query('set local row_security = off');
    const { rows } = await client.query<{ now: Date }>('select now()');
    const migrations = await migrationsOf(client);
    const tables: BackedUpTable[] = [];
    const wanted = await tablesOf(client);
    progress(`${wanted.length} tables`);
    for (const table of wanted) {
      tables.push(await copyTable(client, folder, table));
    }
    // After the tables: a sequence is in no snapshot, and may be ahead of the rows but never behind them.
    const sequences = await sequencesOf(client);
    return { takenAt: (rows[0]?.now ?? new Date(0)).toISOString(), migrations, tables, sequences };
  } finally {
    await client.end();
  }
}

type Columns = Pick<BackedUpTable, 'schema' | 'table' | 'columns'>;

/** Every table but the list of migrations and the parts of a partitioned table; no column that the database computes itself. */
async function tablesOf(client: pg.Client): Promise<Columns[]> {
  const { rows } = await client.query<Columns>(
    `select n.nspname as schema, c.relname as table, array_agg(a.attname::text order by a.attnum) as columns
     from pg_class c
     join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     where n.nspname = any($1) and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'migrations'
     group by 1, 2 order by 1, 2`,
    [SCHEMAS],
  );
  return rows;
}

async function copyTable(
  client: pg.Client,
  folder: string,
  { schema, table, columns }: Columns,
): Promise<BackedUpTable> {
  const file = join(folder, tableFile({ schema, table }));
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const hash = createHash('sha256');
  const seen = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const names = columns.map((column) => `"${column}"`).join(', ');
  const rows = client.query(copyTo(`copy (select ${names} from "${schema}"."${table}") to stdout`));
  await pipeline(rows, seen, createWriteStream(file, { mode: 0o600, flush: true }));
  return { schema, table, columns, rows: rows.rowCount, sha256: hash.digest('hex') };
}

async function migrationsOf(client: pg.Client): Promise<BackupManifest['migrations']> {
  const found: BackupManifest['migrations'] = {};
  for (const schema of SCHEMAS.filter((name) => name !== 'evidence')) {
    const there = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
      `${schema}.migrations`,
    ]);
    if (!there.rows[0]?.there) {
      throw new Error(`schema ${schema} has no tables: start every service of the broker once, then back it up`);
    }
    const { rows } = await client.query<{ name: string; sqlDigest: string }>(
      `select name, sql_digest as "sqlDigest" from "${schema}".migrations order by run_at, name`,
    );
    found[schema] = rows;
  }
  return found;
}

async function sequencesOf(client: pg.Client): Promise<BackupManifest['sequences']> {
  const { rows: named } = await client.query<{ schema: string; sequence: string }>(
    `select n.nspname as schema, c.relname as sequence from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any($1) and c.relkind = 'S' order by 1, 2`,
    [SCHEMAS],
  );
  const read: BackupManifest['sequences'] = [];
  for (const { schema, sequence } of named) {
    const { rows } = await client.query<{ last: string; used: boolean }>(
      `select last_value::text as last, is_called as used from "${schema}"."${sequence}"`,
    );
    if (rows[0]) read.push({ schema, sequence, ...rows[0] });
  }
  return read;
}
