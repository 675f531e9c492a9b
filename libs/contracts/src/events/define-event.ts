import type { z } from 'zod';

/** A fact that happened, declared once: its name, its shape. `agreement.suspended.v1`: noun, past tense, version. */
export interface EventDef<Name extends string = string, Body = unknown> {
  readonly name: Name;
  readonly schema: z.ZodType<Body>;
}

/** What the body of an event is, for the code that appends or hears it. */
export type EventBody<E> = E extends EventDef<string, infer Body> ? Body : never;

const EVENT_NAME = /^[a-z][a-z-]*(\.[a-z][a-z-]*)+\.v[1-9][0-9]*$/;

/**
 * Declares an event. A changed meaning is a new version beside the old one, never an edit.
 * The schema is strict: it carries ids and facts, and is parsed by the sender and by every hearer.
 * Throws for a name that is not `noun.past-tense.vN`.
 */
export function defineEvent<const Name extends string, Shape extends z.core.$ZodLooseShape>(
  name: Name,
  schema: z.ZodObject<Shape, z.core.$strict>,
): EventDef<Name, z.output<z.ZodObject<Shape, z.core.$strict>>> {
  if (!EVENT_NAME.test(name)) throw new Error(`event name ${name} must read like "agreement.suspended.v1"`);
  return { name, schema };
}
