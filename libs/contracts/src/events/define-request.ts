import type { z } from 'zod';

/** A question one service asks another, declared once for both ends: `grants.ask.v1` is answered by `grants`. */
export interface RequestDef<Name extends string = string, Ask = unknown, Reply = unknown> {
  readonly name: Name;
  /** The service that answers: the first word of the name. */
  readonly service: string;
  readonly ask: z.ZodType<Ask>;
  readonly reply: z.ZodType<Reply>;
}

export type AskOf<R> = R extends RequestDef<string, infer Ask, unknown> ? Ask : never;
export type ReplyOf<R> = R extends RequestDef<string, unknown, infer Reply> ? Reply : never;

const REQUEST_NAME = /^[a-z][a-z-]*(\.[a-z][a-z-]*)+\.v[1-9][0-9]*$/;

/**
 * Declares a request. Both schemas are parsed on both ends, so they must describe JSON as it is (no transforms).
 * A refusal is part of the reply schema, since it is an answer; only the absence of an answer is a fault.
 * Throws for a name that is not `service.verb.vN`.
 */
export function defineRequest<const Name extends string, Ask, Reply>(
  name: Name,
  ask: z.ZodType<Ask>,
  reply: z.ZodType<Reply>,
): RequestDef<Name, Ask, Reply> {
  const [service] = name.split('.');
  if (!REQUEST_NAME.test(name) || service === undefined) {
    throw new Error(`request name ${name} must read like "grants.ask.v1"`);
  }
  return { name, service, ask, reply };
}
