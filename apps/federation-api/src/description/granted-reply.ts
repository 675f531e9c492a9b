import type { RequestDef } from '@interlock/contracts';
import { z } from 'zod';

/** The schema of what a service answers when it does not refuse: the `value` of a decision. Throws for a question that is never refused. */
export function grantedReply<Ask, Reply>({ name, reply }: RequestDef<string, Ask, Reply>): z.ZodType {
  const options: readonly unknown[] = reply instanceof z.ZodDiscriminatedUnion ? reply.options : [];
  const granted = options.find((option) => option instanceof z.ZodObject && 'value' in option.shape);
  const value: unknown = granted instanceof z.ZodObject ? granted.shape.value : undefined;
  if (value instanceof z.ZodType) return value;
  throw new Error(`${name} is never refused; describe its reply itself`);
}
