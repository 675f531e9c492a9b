import { z } from 'zod';

/** A fact on the wire: CloudEvents 1.0, structured JSON mode. */
const Envelope = z.strictObject({
  specversion: z.literal('1.0'),
  id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
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

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** The envelope of a message, or undefined if it is none. */
export function unwrap(bytes: Uint8Array): Envelope | undefined {
  try {
    const read = Envelope.safeParse(JSON.parse(UTF8.decode(bytes)));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}
