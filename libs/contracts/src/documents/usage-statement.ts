import type { UsageStatement } from '@interlock/domain';
import { z } from 'zod';
import { agreementId, count, instant, localId, organisationId, resourceRef } from './names.js';

/** Far more lines than an agreement has machines and ways; a statement is read from a file of a stranger. */
const MOST_LINES = 20_000;

export const usageStatement: z.ZodType<UsageStatement> = z
  .strictObject({
    typ: z.literal('usage-statement'),
    v: z.literal(1),
    organisation: organisationId,
    agreementId,
    from: instant,
    to: instant,
    treeSize: count,
    sessions: z
      .array(
        z.strictObject({
          ...{ resource: resourceRef.nullable(), clause: z.string().max(300).nullable() },
          ...{ visits: count, milliseconds: count, bytes: count, withoutEnd: count, withoutOpening: count },
        }),
      )
      .max(MOST_LINES),
    flows: z
      .array(
        z.strictObject({
          ...{ resource: resourceRef.nullable(), region: localId.nullable() },
          recipients: z.array(organisationId).max(16),
          ...{ batches: count, bytes: count, withoutSize: count },
        }),
      )
      .max(MOST_LINES),
    issuedAt: instant,
  })
  .refine(({ from, to }) => from < to, 'ends before it begins');
