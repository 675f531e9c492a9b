import { type ChainHead, chainFault, type EvidenceRecord, headAfter } from '@interlock/domain';
import { digestOf } from '@interlock/proof';

/** What was handed over of a gateway's evidence, each record once; how many were said in two ways, and how many do not follow the one before them. */
export function evidenceOnce(handedOver: readonly EvidenceRecord[]) {
  const records = new Map<string, EvidenceRecord>();
  let twoWays = 0;
  for (const record of handedOver) {
    const known = records.get(record.id);
    if (known && digestOf(known) !== digestOf(record)) twoWays += 1;
    if (!known) records.set(record.id, record);
  }
  const heads = new Map<string, ChainHead>();
  let broken = 0;
  for (const record of records.values()) {
    const head = heads.get(record.log);
    if (chainFault(head, record.place)) broken += 1;
    heads.set(record.log, headAfter(head, record.place, digestOf(record)));
  }
  return { records: [...records.values()], twoWays, broken };
}

/** How many of these were there before. */
export const repeats = (values: readonly unknown[]): number => values.length - new Set(values).size;
