import { allow, type Decision, type Digest, parseDigest, refuse } from '@interlock/domain';
import { canonicalBytes, digestOfBytes, parseCanonical } from '@interlock/proof';
import { z } from 'zod';

/** One entry where it stands: its number, the digest of the line before it, and the digest of its own line. */
export interface JournalLine {
  readonly sequence: number;
  /** Null for the first entry of all. */
  readonly previous: Digest | null;
  readonly digest: Digest;
  readonly entry: unknown;
}

/** Where a journal ends: the next line gets `sequence + 1` and names `digest`. */
export interface JournalHead {
  readonly sequence: number;
  readonly digest: Digest | null;
}

export const EMPTY_HEAD: JournalHead = { sequence: 0, digest: null };

const shape = z.strictObject({
  sequence: z.number().int().min(1),
  previous: z
    .string()
    .refine((text) => parseDigest(text) !== undefined)
    .nullable(),
  entry: z.unknown(),
});

/** An entry and its canonical bytes, made once however often its line is planned anew. */
export interface WholeEntry {
  readonly entry: unknown;
  readonly bytes: Buffer;
}

/** Throws for what JSON cannot carry exactly. */
export const wholeEntry = (entry: unknown): WholeEntry => ({ entry, bytes: canonicalBytes(entry) });

/** The line after `head` that carries `entry`: canonical JSON, whose members stand in this order (RFC 8785 3.2.3), and a newline. */
export function lineAfter(
  head: JournalHead,
  { entry, bytes }: WholeEntry,
): { readonly line: JournalLine; readonly bytes: Buffer; readonly head: JournalHead } {
  const sequence = head.sequence + 1;
  const rest = `,"previous":${JSON.stringify(head.digest)},"sequence":${sequence}}`;
  const text = Buffer.concat([ENTRY, bytes, Buffer.from(rest)]);
  const digest = digestOfBytes(text);
  return {
    line: { sequence, previous: head.digest, digest, entry },
    bytes: Buffer.concat([text, NEWLINE]),
    head: { sequence, digest },
  };
}

const ENTRY = Buffer.from('{"entry":');
const NEWLINE = Buffer.from('\n');

/** Reads one line (without its newline) that must follow `head`. Anything else is where the chain breaks. */
export function readLine(bytes: Uint8Array, head: JournalHead): Decision<JournalLine, 'chain_broken'> {
  const parsed = parseCanonical(bytes);
  const read = parsed.allowed ? shape.safeParse(parsed.value) : undefined;
  if (!read?.success) return refuse('chain_broken', { detail: 'not a line' });
  const { sequence, entry } = read.data;
  const previous = read.data.previous as Digest | null;
  if (sequence !== head.sequence + 1 || previous !== head.digest)
    return refuse('chain_broken', { detail: 'not the next' });
  return allow({ sequence, previous, digest: digestOfBytes(bytes), entry });
}
