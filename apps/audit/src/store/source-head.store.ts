import type { Tx } from '@interlock/chassis/db';
import type { ChainHead } from '@interlock/domain';

export interface SourceHead extends ChainHead {
  readonly logNo: number;
  readonly source: string;
}

/** Names the head of a source in a log. */
export const headName = ({ logNo, source }: Pick<SourceHead, 'logNo' | 'source'>): string => `${logNo} ${source}`;

/** The heads of these sources in these logs, by their names. */
export async function readHeads(
  tx: Tx,
  of: readonly Pick<SourceHead, 'logNo' | 'source'>[],
): Promise<Map<string, SourceHead>> {
  const rows = await tx.query<{ log_no: number; source: string; sequence: string; digest: string }>(
    `select h.log_no, h.source, h.sequence, h.digest from source_head h
     join unnest($1::int[], $2::text[]) as of (log_no, source) on of.log_no = h.log_no and of.source = h.source`,
    [of.map((one) => one.logNo), of.map((one) => one.source)],
  );
  const heads = rows.map(
    (row): SourceHead => ({
      ...{ logNo: row.log_no, source: row.source, sequence: Number(row.sequence) },
      digest: row.digest as ChainHead['digest'],
    }),
  );
  return new Map(heads.map((head) => [headName(head), head]));
}

export async function writeHeads(tx: Tx, heads: readonly SourceHead[]): Promise<void> {
  await tx.query(
    `insert into source_head (log_no, source, sequence, digest)
     select * from unnest($1::int[], $2::text[], $3::bigint[], $4::text[])
     on conflict (log_no, source) do update set sequence = excluded.sequence, digest = excluded.digest`,
    [
      ...[heads.map((one) => one.logNo), heads.map((one) => one.source)],
      ...[heads.map((one) => one.sequence), heads.map((one) => one.digest)],
    ],
  );
}
