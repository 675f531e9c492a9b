import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { family, procText, recorded, type SeenProcess } from './processes.js';

/** What belongs to the broker of a running trial: nothing of it may ever hold a company's private key. */
export interface BrokerPlaces {
  /** Services, both buses, the database, and the relay, which anybody may host. */
  readonly processes: readonly SeenProcess[];
  /** The database's workers as they are now; they come and go with the connections. */
  workers(): readonly SeenProcess[];
  /** Keys of the broker, both buses' stores, the database's files; and the logs of everybody. */
  readonly folders: readonly string[];
  /** The one of them where sealed batches lie. */
  readonly region: string;
  /** The disk of the region that no data product names. */
  readonly furtherRegion: string;
  /** Every row of every table, as text. */
  rows(): Promise<string[]>;
}

const SERVICES = ['trust-registry', 'grants', 'data-router', 'audit', 'federation-api'];
const PROCESSES = [...SERVICES, 'bus', 'region-eu-1', 'region-us-1', 'relay'];

export function brokerPlaces(dataFolder: string): BrokerPlaces {
  const known = recorded(dataFolder);
  const processOf = (name: string): SeenProcess => {
    const found = known.get(name);
    if (!found) throw new Error(`the trial started no process named ${name}`);
    return found;
  };
  const database = processOf('postgres');
  return {
    processes: [...PROCESSES.map(processOf), database],
    workers: () => family(database.pid).filter(({ pid }) => pid !== database.pid),
    folders: ['broker', 'bus', 'regions/eu-1', 'regions/us-1', 'postgres', 'logs'].map((name) =>
      placeOf(join(dataFolder, name)),
    ),
    region: placeOf(join(dataFolder, 'regions/eu-1')),
    furtherRegion: placeOf(join(dataFolder, 'regions/us-1')),
    rows: () => rowsOf(adminUrl(dataFolder, database.pid)),
  };
}

/** A server that may not enter the data folder keeps its data where this file says. */
function placeOf(folder: string): string {
  const elsewhere = join(folder, 'elsewhere');
  return existsSync(elsewhere) ? readFileSync(elsewhere, 'utf8').trim() : folder;
}

function adminUrl(dataFolder: string, pid: number): string {
  const words = procText(pid, 'cmdline').split('\0');
  const password = readFileSync(join(dataFolder, 'postgres.password'), 'utf8').trim();
  return `postgres://postgres:${password}@127.0.0.1:${words[words.indexOf('-p') + 1]}/interlock`;
}

async function rowsOf(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    const all: string[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
      all.push(...rows.map(({ row }) => row));
    }
    return all;
  } finally {
    await client.end();
  }
}
