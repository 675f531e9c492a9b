import { createHash } from 'node:crypto';
import type { Tx } from '@interlock/chassis/db';
import { type ChainFault, chainFault, type EvidenceRecord, evidenceOf, headAfter } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { headName, readHeads, type SourceHead, writeHeads } from '../store/source-head.store.js';

/** Records as they get their places in one log, in this order. */
export interface Placing {
  readonly logNo: number;
  readonly records: readonly EvidenceRecord[];
}

/**
 * Holds what sources say of their records' order against what they said before, and appends a finding to the same log for each gap and
 * fork. In the transaction that gives the records their places: a finding is there exactly when what it is about is.
 */
export async function findGaps(tx: Tx, placings: readonly Placing[]): Promise<void> {
  const all = placings.flatMap(({ logNo, records }) => records.map((record) => ({ logNo, record })));
  // Services of the broker give no places: a log without a gateway costs nothing here.
  const gateways = all.filter(({ record }) => record.place !== undefined || !record.source.startsWith('broker/'));
  if (gateways.length === 0) return;
  const heads = await readHeads(
    tx,
    gateways.map(({ logNo, record }) => ({ logNo, source: record.source })),
  );
  const changed = new Map<string, SourceHead>();
  for (const { logNo, record } of gateways) {
    const { source, place } = record;
    const name = headName({ logNo, source });
    const head = changed.get(name) ?? heads.get(name);
    if (!head && !place) continue;
    const fault = chainFault(head, place);
    if (fault) await tx.query('select evidence.append($1::jsonb)', [JSON.stringify(findingOf(record, fault))]);
    changed.set(name, { logNo, source, ...headAfter(head, place, digestOf(record)) });
  }
  if (changed.size > 0) await writeHeads(tx, [...changed.values()]);
}

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';

function findingOf(record: EvidenceRecord, code: ChainFault): EvidenceRecord {
  const digest = digestOf(record);
  // Named after what it is about: made twice, it is the same finding.
  const bytes = createHash('sha256').update(`${code} ${digest}`).digest().subarray(0, 26);
  const id = [...bytes].map((byte) => CROCKFORD[byte & 31]).join('');
  const about = code === 'evidence_gap' ? 'records before this one are missing' : 'this history is not the one before';
  return evidenceOf('broker/audit', `evd_${id}`, {
    ...{ log: record.log, kind: 'finding', outcome: 'finding', at: record.at, code, documents: [digest] },
    organisation: record.organisation,
    reason: `${record.source}: ${about} (${record.id}, number ${record.place?.sequence ?? 'none'})`,
  });
}
