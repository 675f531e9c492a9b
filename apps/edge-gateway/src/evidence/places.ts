import { type ChainHead, type EvidenceRecord, headAfter, placeAfter } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { z } from 'zod';

const heads = z.record(
  z.string(),
  z.strictObject({
    sequence: z.number().int().min(1),
    digest: z.custom<ChainHead['digest']>((one) => typeof one === 'string'),
  }),
);

/** The last record of this gateway in each log, as it lies on the disk; none where nothing was delivered yet. */
export const readHeads = (beside: unknown): Map<string, ChainHead> =>
  new Map(Object.entries(beside === undefined ? {} : heads.parse(beside)));

/** The record with its place after the last one of its log, which it then is. */
export function placed(record: EvidenceRecord, last: Map<string, ChainHead>): EvidenceRecord {
  const head = last.get(record.log);
  const place = placeAfter(head);
  const whole = { ...record, place };
  last.set(record.log, headAfter(head, place, digestOf(whole)));
  return whole;
}
