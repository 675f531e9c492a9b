import type { Tx } from '@interlock/chassis/db';
import { type Frontier, frontierOf } from '@interlock/proof';
import { joinHashes, splitHashes } from './bytes.js';

/** One Merkle log as it stands. */
export interface LogHead {
  readonly no: number;
  readonly name: string;
  readonly frontier: Frontier;
  /** Size of the newest signed checkpoint; never more than the tree. */
  readonly checkpointSize: number;
}

interface LogRow {
  no: number;
  name: string;
  size: string;
  frontier: Buffer;
  checkpoint_size: string;
}

const COLUMNS = 'no, name, size, frontier, checkpoint_size';
const toHead = (row: LogRow): LogHead => ({
  no: row.no,
  name: row.name,
  frontier: frontierOf(Number(row.size), splitHashes(row.frontier)),
  checkpointSize: Number(row.checkpoint_size),
});

/** The logs of these names, made where missing, held against change until the transaction ends. */
export async function lockLogs(tx: Tx, names: readonly string[]): Promise<Map<string, LogHead>> {
  const sorted = [...new Set(names)].sort();
  await tx.query('insert into log (name) select unnest($1::text[]) on conflict (name) do nothing', [sorted]);
  const rows = await tx.query<LogRow>(`select ${COLUMNS} from log where name = any($1) order by no for update`, [
    sorted,
  ]);
  return new Map(rows.map((row) => [row.name, toHead(row)]));
}

/** The log, if this transaction's organisation may see it. */
export async function findLog(tx: Tx, name: string): Promise<LogHead | undefined> {
  const [row] = await tx.query<LogRow>(`select ${COLUMNS} from log where name = $1`, [name]);
  return row && toHead(row);
}

/** Writes down how far logs have grown. */
export async function growLogs(tx: Tx, grown: readonly { no: number; frontier: Frontier }[]): Promise<void> {
  await tx.query(
    `update log set size = to_size, frontier = to_frontier
     from unnest($1::int[], $2::bigint[], $3::bytea[]) as grown (grown_no, to_size, to_frontier) where no = grown_no`,
    [
      grown.map((one) => one.no),
      grown.map((one) => one.frontier.size),
      grown.map((one) => joinHashes(one.frontier.nodes)),
    ],
  );
}

/** Logs that grew since their last checkpoint, held until the transaction ends. An idle log is never looked at. */
export async function lockDirtyLogs(tx: Tx, limit: number, only?: number): Promise<LogHead[]> {
  const rows = await tx.query<LogRow>(
    `select ${COLUMNS} from log where size > checkpoint_size and ($2::bigint is null or no = $2) order by no limit $1 for update`,
    [limit, only ?? null],
  );
  return rows.map(toHead);
}
