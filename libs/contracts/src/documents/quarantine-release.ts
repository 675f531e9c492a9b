import type { QuarantineRelease } from '@interlock/domain';
import { z } from 'zod';
import { agreementId, digest, holderRef, instant, organisationId, text } from './names.js';

export const quarantineRelease: z.ZodType<QuarantineRelease> = z
  .strictObject({
    typ: z.literal('quarantine-release'),
    v: z.literal(1),
    organisation: organisationId,
    agreementId,
    gateway: holderRef,
    flow: z.string().min(1).max(120),
    content: digest,
    foundAt: instant,
    reason: text.min(1),
    issuedAt: instant,
    expiresAt: instant,
  })
  .refine(({ issuedAt, expiresAt }) => issuedAt < expiresAt, 'ends before it begins');
