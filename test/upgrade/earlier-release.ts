import type { ServiceName } from '@interlock/contracts';
import type { TestDatabase } from '@interlock/testkit';
import pg from 'pg';
import { auditService } from '../../apps/audit/src/audit.service.js';
import { federationApi } from '../../apps/federation-api/src/federation-api.service.js';
import { grants } from '../../apps/grants/src/grants.service.js';
import { trustRegistry } from '../../apps/trust-registry/src/trust-registry.service.js';
import { lonelyConnection } from '../../libs/chassis/src/db/data-source.js';
import { migrate } from '../../libs/chassis/src/db/migrate.js';

/** The steps each schema had run in the release before this one. */
const STEPS: Readonly<Partial<Record<ServiceName, readonly string[]>>> = {
  audit: ['0001-evidence', '0002-row-security', '0003-append'],
  'trust-registry': [
    '0001-registry',
    '0002-agreement-life-cycle',
    '0003-row-security',
    '0004-agreement-moves-are-closed',
  ],
  grants: ['0001-grants', '0002-grant-life-cycle', '0003-row-security', '0004-grant-moves-are-closed'],
  'federation-api': [],
};
const SERVICES = [auditService, trustRegistry, grants, federationApi];
const schemaOf = (service: string): string => service.replaceAll('-', '_');

/** Makes the tables of the earlier release in an empty database. */
export async function earlierTables(database: TestDatabase): Promise<void> {
  for (const { name, migrations = [] } of SERVICES) {
    const address = { url: database.urlFor(name), schema: schemaOf(name) };
    await migrate(lonelyConnection(address), address.schema, migrations, ['0000-outbox-inbox', ...(STEPS[name] ?? [])]);
  }
}

/** Rows in the columns they had in the earlier release, with what they were found by there in place of what came later. */
const BEFORE_LABELS = `select e.log_no, e.idx, e.position, e.leaf_hash, e.at, a.body ->> 'kind' as kind, a.body ->> 'outcome' as outcome,
  a.body #>> '{resource,id}' as resource, a.body #>> '{subject,id}' as subject, a.body ->> 'clause' as clause, a.body ->> 'region' as region
  from audit.entry e join audit.appended a using (position)`;
const BEFORE: Readonly<Record<string, string>> = { 'audit.entry': BEFORE_LABELS };

/** Gives the earlier tables the rows of a broker of today, as far as the earlier release had a place for them. */
export async function earlierRows(today: TestDatabase, earlier: TestDatabase): Promise<void> {
  const client = new pg.Client(earlier.adminUrl);
  await client.connect();
  await client.query('set session_replication_role = replica');
  for (const { schema, table, columns } of await columnsOf(earlier)) {
    // Which moves there are was written when the tables were made.
    if (table.endsWith('_moves')) continue;
    const now = (await columnsOf(today)).find((one) => one.schema === schema && one.table === table);
    if (!now) continue;
    const query = BEFORE[`${schema}.${table}`] ?? `select * from ${schema}.${table}`;
    await client.query(`delete from ${schema}.${table}`);
    for (const row of await today.query(query)) {
      const had = columns.filter((column) => column in row);
      await client.query(
        `insert into ${schema}.${table} (${had.join(', ')}) overriding system value values (${had.map((_, at) => `$${at + 1}`).join(', ')})`,
        had.map((column) => sqlValue(row[column])),
      );
    }
  }
  for (const { name } of SERVICES) await client.query(`update ${schemaOf(name)}.outbox set published_at = null`);
  await sequencesAhead(client);
  await client.end();
}

const sqlValue = (value: unknown): unknown =>
  value !== null &&
  typeof value === 'object' &&
  !(value instanceof Date) &&
  !Buffer.isBuffer(value) &&
  !isTextArray(value)
    ? JSON.stringify(value)
    : value;
const isTextArray = (value: unknown): boolean => Array.isArray(value) && value.every((one) => typeof one === 'string');

interface Columns {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[];
}
const columnsOf = (database: TestDatabase): Promise<Columns[]> =>
  database.query<Columns>(
    `select n.nspname as schema, c.relname as table, array_agg(a.attname::text order by a.attnum) as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     where n.nspname = any($1) and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'migrations'
     group by 1, 2`,
    [SERVICES.map(({ name }) => schemaOf(name))],
  );

async function sequencesAhead(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any($1) and c.relkind = 'S'`,
    [SERVICES.map(({ name }) => schemaOf(name))],
  );
  for (const { name } of rows) await client.query('select setval($1::regclass, 100000)', [name]);
}
