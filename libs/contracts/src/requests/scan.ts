import type { ScanReason, ScanVerdict } from '@interlock/domain';
import { z } from 'zod';
import { digest, instant } from '../documents/names.js';

const reasons: { readonly [Reason in ScanReason]: Reason } = {
  signature: 'signature',
  too_many_entries: 'too_many_entries',
  too_deep: 'too_deep',
  member_too_large: 'member_too_large',
  too_large: 'too_large',
  ratio: 'ratio',
  overlapping: 'overlapping',
  headers_differ: 'headers_differ',
  encrypted: 'encrypted',
  unknown_archive: 'unknown_archive',
  unknown_encoding: 'unknown_encoding',
  damaged: 'damaged',
  engine_limit: 'engine_limit',
  engine_failed: 'engine_failed',
  engine_absent: 'engine_absent',
};

/** What a scanner answers. */
export const scanVerdict: z.ZodType<ScanVerdict> = z.strictObject({
  outcome: z.enum(['clean', 'infected', 'refused', 'unscannable']),
  reason: z.enum(reasons).nullable(),
  signature: z.string().max(200).nullable(),
  digest,
  engine: z.string().min(1).max(100).nullable(),
  database: digest.nullable(),
  at: instant,
});
