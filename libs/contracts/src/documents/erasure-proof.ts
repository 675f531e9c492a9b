import type { ErasureProof } from '@interlock/domain';
import { z } from 'zod';
import { agreementId, count, digest, instant, organisationId, text } from './names.js';

export const erasureProof: z.ZodType<ErasureProof> = z.strictObject({
  typ: z.literal('erasure-proof'),
  v: z.literal(1),
  organisation: organisationId,
  agreementId,
  erased: count,
  batches: digest,
  kept: count,
  held: z.strictObject({ reason: text.min(1), since: instant }).nullable(),
  issuedAt: instant,
});
