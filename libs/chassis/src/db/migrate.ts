import { createHash } from 'node:crypto';
import { Client, type ClientConfig } from 'pg';
import { StartError } from '../fault.js';
import { CHASSIS_MIGRATIONS } from './chassis-migrations.js';
import type { Migration } from './migration.js';

const digestOf = (sql: string): string => createHash('sha256').update(sql).digest('base64url');

/**
 * Brings the schema up to date. Safe to run twice and by several replicas at once: one runs, the others wait
 * and find nothing left to do. A crash leaves whole steps only.
 * Throws `StartError` if a step that has run was edited since, or if two steps have one name.
 *
 * @param only the steps to run, where it is not all of them; throws `StartError` for a name this release does not know
 */
export async function migrate(
  connection: ClientConfig,
  schema: string,
  own: readonly Migration[],
  only?: readonly string[],
): Promise<string[]> {
  const all = [...CHASSIS_MIGRATIONS, ...own];
  if (new Set(all.map((step) => step.name)).size < all.length) throw new StartError('two migrations have one name');
  const unknown = only?.find((name) => !all.some((step) => step.name === name));
  if (unknown) throw new StartError(`migration ${unknown} is of a later release; use that release, or a newer one`);
  const wanted = all.filter((step) => only?.includes(step.name) ?? true);
  const client = new Client(connection);
  await client.connect().catch((cause: unknown) => {
    throw new StartError('the database of DATABASE_URL cannot be reached or does not know this role', { cause });
  });
  try {
    // Released by the server when the connection ends, however it ends.
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [`interlock migrate ${schema}`]);
    await client.query(`create table if not exists migrations (
      name text constraint migrations_run_once primary key,
      sql_digest text not null,
      run_at timestamptz not null default now())`);
    const ran = await client.query<{ name: string; sql_digest: string }>('select name, sql_digest from migrations');
    return await runMissing(client, wanted, new Map(ran.rows.map((row) => [row.name, row.sql_digest])));
  } finally {
    await client.end();
  }
}

async function runMissing(client: Client, all: readonly Migration[], ran: Map<string, string>): Promise<string[]> {
  const done: string[] = [];
  for (const step of all) {
    const digest = ran.get(step.name);
    if (digest === digestOf(step.sql)) continue;
    if (digest) throw new StartError(`migration ${step.name} was edited after it had run; add a new one instead`);
    await client.query('begin');
    try {
      await client.query(step.sql);
      await client.query('insert into migrations (name, sql_digest) values ($1, $2)', [step.name, digestOf(step.sql)]);
      await client.query('commit');
    } catch (cause) {
      await client.query('rollback').catch(() => undefined);
      throw new StartError(`migration ${step.name} failed`, { cause });
    }
    done.push(step.name);
  }
  return done;
}
