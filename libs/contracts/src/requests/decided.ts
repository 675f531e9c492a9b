import { z } from 'zod';
import { REFUSALS, type RefusalCode } from '../refusals.js';

const codes = Object.keys(REFUSALS) as [RefusalCode, ...RefusalCode[]];

/** A "no" as it travels between services: a code of the table, the clause a stranger may read, the detail he may not. */
export const refused = z.strictObject({
  allowed: z.literal(false),
  refusal: z.strictObject({
    code: z.enum(codes),
    clause: z.string().max(400).optional(),
    detail: z.string().max(2_000).optional(),
  }),
});

/** The answer to a question that may be refused. */
export const decidedAs = <T extends z.ZodType>(value: T) =>
  z.discriminatedUnion('allowed', [z.strictObject({ allowed: z.literal(true), value }), refused]);
