import { z } from 'zod';

/** RFC 9457 problem details, as every endpoint of ours answers a refusal or a fault. `code` is stable, `title` may be read aloud. */
export const problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  clause: z.string().optional(),
});
export type Problem = z.infer<typeof problem>;
