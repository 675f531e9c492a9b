import type { Tx } from './tx.js';

/**
 * Writes one evidence record in the fact's own transaction: both are committed or neither is.
 * The record is JSON as the evidence schema of the contracts says; numbers in it are integers, so that the
 * canonical bytes are the same everywhere. Returns the record's position in the log's table (not yet in the log).
 */
export async function appendEvidence(tx: Tx, record: object): Promise<bigint> {
  const [row] = await tx.query<{ position: string }>('select evidence.append($1::jsonb) as position', [
    JSON.stringify(record),
  ]);
  if (!row) throw new Error('evidence.append returned nothing');
  return BigInt(row.position);
}
