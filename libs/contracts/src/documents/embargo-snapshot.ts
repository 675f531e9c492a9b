import type { EmbargoSnapshot } from '@interlock/domain';
import { z } from 'zod';
import { count, digest, instant, organisationId } from './names.js';

export const EMBARGO_LIST_KINDS = [
  'parties',
  'programmes',
  'countries',
  'territories',
  'items',
  'policy',
  'register',
] as const;

export const embargoSnapshot: z.ZodType<EmbargoSnapshot> = z.strictObject({
  typ: z.literal('embargo-snapshot'),
  v: z.literal(1),
  organisation: organisationId,
  sequence: count,
  previous: digest.nullable(),
  lists: z
    .array(
      z.strictObject({
        kind: z.enum(EMBARGO_LIST_KINDS),
        issuer: z.string().min(1).max(200),
        digest,
        entries: count,
      }),
    )
    .max(1_000),
  takenAt: instant,
});
