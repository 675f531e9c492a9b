import type { BatchHead, BatchWithContent } from '@interlock/domain';
import { z } from 'zod';
import {
  count,
  digest,
  holderRef,
  instant,
  localId,
  organisationId,
  resourceRef,
  subjectRef,
  thumbprint,
} from './names.js';

const batchTerms = {
  agreement: digest,
  grant: digest,
  flow: z.string().min(1).max(120),
  gateway: holderRef,
  machine: resourceRef,
  presenter: subjectRef.nullable(),
  product: localId,
  region: localId,
  sequence: count,
  previous: digest.nullable(),
  recipients: z
    .array(z.strictObject({ organisation: organisationId, kid: thumbprint }))
    .min(1)
    .max(16),
  dropped: count,
  receivedAt: instant,
  sealedAt: instant,
  scan: z
    .strictObject({
      engine: z.string().min(1).max(100),
      database: digest,
      at: instant,
      released: z.array(digest).min(1).max(18).optional(),
    })
    .optional(),
};

const MOST_OBSERVATIONS = 10_000;

/** Largest message that a region takes, in bytes; a sealed batch is smaller. */
export const LARGEST_REGION_MESSAGE = 262_144;

export const batch: z.ZodType<BatchHead | BatchWithContent> = z.discriminatedUnion('v', [
  z.strictObject({ typ: z.literal('batch'), v: z.literal(2), ...batchTerms, content: digest }),
  z.strictObject({
    ...{ typ: z.literal('batch'), v: z.literal(1), ...batchTerms },
    observations: z
      .array(z.strictObject({ at: z.string().max(40), key: z.string().max(200), value: z.string().max(10_000) }))
      .max(MOST_OBSERVATIONS),
  }),
]);

/** One observation as it is sent beside the head of its batch: when it occurred, its key, its value. */
export type ObservationRow = readonly [at: string, key: string, value: string];

/**
 * Whether these are the observations of a batch, in the bounds that format 1 has too. Not a schema: one that looks at a thousand lists of three costs more than
 * opening the batch.
 */
export const areObservationRows = (rows: unknown): rows is readonly ObservationRow[] =>
  Array.isArray(rows) && rows.length <= MOST_OBSERVATIONS && rows.every(isObservationRow);

const isObservationRow = (row: unknown): boolean =>
  Array.isArray(row) && row.length === 3 && MOST_LETTERS.every((most, at) => isTextOf(most, row[at]));

const MOST_LETTERS = [40, 200, 10_000];
const isTextOf = (most: number, value: unknown): boolean => typeof value === 'string' && value.length <= most;
