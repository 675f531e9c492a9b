import type { Tx } from '@interlock/chassis/db';
import type { Digest } from '@interlock/domain';
import { labelKey } from './label-key.js';

/** What records that name signatures are found by. */
const TAKING_IN = ['agreement.signed', 'grant.requested', 'grant.approved'] as const;

/** A record that took signatures in, and a state of the log with it that a witness cosigned. */
export interface CosignedRecord {
  readonly index: number;
  readonly size: number;
  readonly record: unknown;
}

/** The first record of each signature, once for each state that a witness cosigned first of those with the record in it. */
export async function firstCosigned(tx: Tx, logNo: number, signatures: readonly Digest[]): Promise<CosignedRecord[]> {
  const rows = await tx.query<{ idx: string; size: string; body: unknown }>(
    `select distinct e.idx, c.size, e.body from (
       select distinct on (n.signature) e.idx, a.body
       from entry e join appended a using (position)
         cross join lateral jsonb_array_elements_text(a.body -> 'signatures') as n (signature)
       where e.log_no = $1 and e.labels && $2::bigint[] and a.body ? 'signatures' and n.signature = any ($3)
       order by n.signature, e.idx) e
     cross join lateral (
       select distinct on (s.organisation) s.size from cosignature s
       where s.log_no = $1 and s.size > e.idx order by s.organisation, s.at_seconds, s.size) c
     order by e.idx, c.size`,
    [logNo, `{${TAKING_IN.map((kind) => labelKey(logNo, `kind:${kind}`)).join(',')}}`, signatures],
  );
  return rows.map(({ idx, size, body }) => ({ index: Number(idx), size: Number(size), record: body }));
}
