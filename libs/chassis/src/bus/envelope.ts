import { z } from 'zod';

/** A fact on the wire: CloudEvents 1.0, structured JSON mode. */
const Envelope = z.strictObject({
  specversion: z.literal('1.0'),
  id: z.string().min(1).max(64),
  source: z.string().regex(/^\/interlock\/[a-z-]+$/),
  type: z.string().min(1).max(128),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  data: z.unknown(),
});
export type Envelope = z.output<typeof Envelope>;

/** Wraps a fact's body, which is JSON text already. */
export const wrap = (fact: { id: string; service: string; type: string; at: Date; body: string }): string =>
  JSON.stringify({
    specversion: '1.0',
    id: fact.id,
    source: `/interlock/${fact.service}`,
    type: fact.type,
    time: fact.at.toISOString(),
    datacontenttype: 'application/json',
    data: JSON.parse(fact.body) as unknown,
  } satisfies Envelope);

/** The envelope of a message, or undefined if it is none. */
export function unwrap(text: string): Envelope | undefined {
  try {
    const read = Envelope.safeParse(JSON.parse(text));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}
