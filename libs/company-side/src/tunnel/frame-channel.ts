import type { Duplex } from 'node:stream';
import { FRAME_MAX_BYTES } from '@interlock/contracts';
import type { z } from 'zod';

export type FrameFault = 'frame_malformed' | 'frame_unknown' | 'frame_too_long' | 'frames_not_read';

/** Frames this side may have on their way to a peer that does not read. */
const UNREAD_AT_MOST = 256 * 1024;
const NEWLINE = 10;

export interface FrameReader<In> {
  onFrame(frame: In): void;
  /** The peer broke the rules of the channel; nothing more is read. */
  onFault(code: FrameFault): void;
  /** The peer ended, or the connection is lost; called once, also after a fault. */
  onEnd(): void;
}

type FrameSchema<In extends { t: string }> = z.ZodType<In> & {
  readonly options: readonly { readonly shape: { readonly t: { readonly value: string } } }[];
};

/** JSON objects, one per line, both ways over one stream. Limits come before parsing, parsing before meaning. */
export class FrameChannel<In extends { t: string }, Out extends { t: string }> {
  readonly #kinds: ReadonlySet<string>;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #reading = true;

  constructor(
    private readonly stream: Duplex,
    private readonly schema: FrameSchema<In>,
    private readonly reader: FrameReader<In>,
  ) {
    this.#kinds = new Set(schema.options.map((option) => option.shape.t.value));
    let ended = false;
    const onEnd = () => {
      if (ended) return;
      ended = true;
      reader.onEnd();
    };
    stream.on('error', () => undefined);
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    stream.on('end', onEnd).on('close', onEnd);
  }

  /** Sends without waiting. A peer that reads nothing is a fault before it is a memory problem. */
  send(frame: Out): void {
    if (!this.stream.writable) return;
    if (this.stream.writableLength > UNREAD_AT_MOST) this.#fault('frames_not_read');
    else this.stream.write(`${JSON.stringify(frame)}\n`);
  }

  /** Says that nothing more will be sent; what the peer still says is read. */
  end(): void {
    if (this.stream.writable) this.stream.end();
  }

  #take(chunk: Buffer): void {
    let rest = chunk;
    while (this.#reading && rest.length > 0) {
      const end = rest.indexOf(NEWLINE);
      const piece = end < 0 ? rest : rest.subarray(0, end);
      if (this.#heldBytes + piece.length >= FRAME_MAX_BYTES) {
        this.#fault('frame_too_long');
        return;
      }
      this.#held.push(piece);
      this.#heldBytes += piece.length;
      if (end < 0) return;
      rest = rest.subarray(end + 1);
      this.#line(Buffer.concat(this.#held, this.#heldBytes));
    }
  }

  #line(line: Buffer): void {
    this.#held = [];
    this.#heldBytes = 0;
    const said = parseJson(line.toString('utf8'));
    const frame = this.schema.safeParse(said);
    if (frame.success) this.reader.onFrame(frame.data);
    else this.#fault(this.#isUnknown(said) ? 'frame_unknown' : 'frame_malformed');
  }

  #isUnknown(said: unknown): boolean {
    const kind = typeof said === 'object' && said !== null && 't' in said ? said.t : undefined;
    return typeof kind === 'string' && !this.#kinds.has(kind);
  }

  #fault(code: FrameFault): void {
    if (!this.#reading) return;
    this.#reading = false;
    this.#held = [];
    this.reader.onFault(code);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
