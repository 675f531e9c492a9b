import { allow, type Decision, type EmbargoList, type Instant } from '@interlock/domain';
import { digestOfBytes } from '@interlock/proof';
import { z } from 'zod';
import { embargoList } from './list-schemas.js';
import { jsonOf, malformedAt, type ReadRefusal } from './read-lists.js';

const DATES = new Set(['validFrom', 'validTo', 'contractsBefore']);

/** A date as people write it in a rule file, as an instant: the beginning of that day in UTC, or the instant it names. */
export function datesToInstants(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((one) => datesToInstants(one));
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, datesToInstants(one, name)]));
  if (typeof value !== 'string' || !DATES.has(key)) return value;
  const at = ISO_DATE.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? value : at;
}

export const ISO_DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z)?$/;

const bareFile = z.looseObject({
  kind: z.string(),
  issuer: z.string(),
  origin: z.string().min(1),
  issued: z.string().regex(ISO_DATE, 'write the date of this edition as 2026-11-22'),
});

/** Reads a rule file of the company: territories, items, policy, register, or parties and countries of a small list. */
export function readRuleFile(text: string, now: Instant): Decision<EmbargoList, ReadRefusal> {
  const file = bareFile.safeParse(jsonOf(text));
  if (!file.success) return malformedAt(file.error);
  const { origin, issued, ...rest } = file.data;
  const provenance = {
    origin,
    issuedAt: Date.parse(issued),
    fetchedAt: now,
    parser: 'interlock-rules/1',
    sources: [digestOfBytes(Buffer.from(text, 'utf8'))],
  };
  const list = embargoList.safeParse({ ...(datesToInstants(rest) as object), provenance });
  return list.success ? allow(list.data) : malformedAt(list.error);
}
