import type { ProgramReport } from '@interlock/domain';
import { z } from 'zod';

/** What an enforcement point runs, and what it can judge: in the record of its start, and in what it says of itself. */
export const programReport: z.ZodType<ProgramReport> = z.strictObject({
  version: z.string().max(40),
  digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  node: z.string().max(40),
  tzdata: z.string().max(40),
  evaluators: z.array(z.string().max(80)).max(256),
  functionRights: z.array(z.string().max(80)).max(256),
});
