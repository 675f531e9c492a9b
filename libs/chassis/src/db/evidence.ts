import type { EvidenceRecord } from '@interlock/domain';
import { newSalt, withhold } from '@interlock/proof';
import { currentTrace } from '../trace/trace.js';
import type { Tx } from './tx.js';

/**
 * A record that names no correlation of its own gets the trace of the request it came from. A gateway's records never pass here: they keep
 * the bytes that the gateway gave them.
 */
function correlated(record: EvidenceRecord): EvidenceRecord {
  const trace = currentTrace();
  return trace && record.correlation === null ? { ...record, correlation: trace.traceId } : record;
}

/**
 * Writes one evidence record in the fact's own transaction: both are committed or neither is.
 * What it says of persons goes beside the log, with a salt, and only its digest into it. The record is JSON as the evidence schema of the
 * contracts says; numbers in it are integers, so that the canonical bytes are the same everywhere. Returns the record's position in the log's
 * table (not yet in the log).
 */
export async function appendEvidence(tx: Tx, record: EvidenceRecord): Promise<bigint> {
  const [row] = await tx.query<{ position: string }>(
    'select evidence.append($1::jsonb, $2::jsonb, $3::jsonb) as position',
    withheldParts(correlated(record)).map((part) => part && JSON.stringify(part)),
  );
  if (!row) throw new Error('evidence.append returned nothing');
  return BigInt(row.position);
}

/** The same for several records, in one statement whatever their number. */
export async function appendAllEvidence(tx: Tx, records: readonly EvidenceRecord[]): Promise<void> {
  await tx.query(APPEND_ALL, [appendJson(records.map(correlated))]);
}

/** Appends what `appendJson` wrote, in its order. */
export const APPEND_ALL =
  "select evidence.append(one -> 0, nullif(one -> 1, 'null'), nullif(one -> 2, 'null')) from jsonb_array_elements($1::jsonb) as one";

/** Of each record: itself, what opens what it says of persons, and what opens what one company keeps from the other. */
export const appendJson = (records: readonly EvidenceRecord[]): string => JSON.stringify(records.map(withheldParts));

function withheldParts(record: EvidenceRecord) {
  const { record: logged, opened, own } = withhold(record, newSalt);
  return [logged, opened.length > 0 ? opened : null, own.length > 0 ? own : null] as const;
}
