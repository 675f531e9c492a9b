import { CALLER_SCHEME, type Signer, signCallerProof } from '@interlock/proof';
import WebSocket, { type RawData } from 'ws';
import type { z } from 'zod';

export interface ChannelOptions<F> {
  readonly origin: string;
  readonly signer: Signer;
  readonly now: () => number;
  readonly newId: () => string;
  /** From 0 to 1: spreads the redialling of many over time. */
  readonly random: () => number;
  readonly frames: z.ZodType<F>;
  /** Called in the order frames came. While many of its promises are unsettled, no more is read: a flood waits at its sender. */
  readonly onFrame: (frame: F) => unknown;
  /** A frame that is not one: its sender is broken or lying. */
  readonly onGarbage?: (why: string) => void;
  readonly onUp?: () => void;
  readonly onDown?: () => void;
}

export interface Channel {
  /** True when the frame was handed to the connection; false while it is down: the caller asks again on `onUp`. */
  send(frame: unknown): boolean;
  isOpen(): boolean;
  close(): void;
}

const LONGEST_FRAME = 8 * 1024 * 1024;
const SILENCE = 30_000;
/** Handled at one time, in frames and in characters; beyond either nothing more is read. */
const MOST_FRAMES = 256;
const MOST_CHARACTERS = 2 * LONGEST_FRAME;
const FIRST_PAUSE = 100;
/** A lease runs while the channel is down, so a broker that is back is found soon; the pauses differ, so that not all come at once. */
const LONGEST_PAUSE = 1_500;

/** Dials the broker's channel and keeps it open, redialling with growing pauses. Losing it loses speed, never a right or a cut. */
export function openChannel<F>(options: ChannelOptions<F>): Channel {
  let socket: WebSocket | undefined;
  let closed = false;
  let pause = FIRST_PAUSE;
  let retry: NodeJS.Timeout | undefined;
  const again = () => {
    if (closed) return;
    retry = setTimeout(() => void dial(), pause * (1 - options.random() / 2));
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  };
  const dial = async () => {
    const proof = await callerProof(options);
    if (closed) return;
    const dialled = new WebSocket(new URL('/v1/channel', options.origin.replace(/^http/, 'ws')), {
      headers: { authorization: `${CALLER_SCHEME} ${proof}` },
      maxPayload: LONGEST_FRAME,
      handshakeTimeout: 5_000,
    });
    socket = dialled;
    watch(dialled, options, () => (pause = FIRST_PAUSE), again);
  };
  void dial();
  return {
    send: (frame) => {
      if (socket?.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(frame));
      return true;
    },
    isOpen: () => socket?.readyState === WebSocket.OPEN,
    close: () => {
      closed = true;
      clearTimeout(retry);
      socket?.terminate();
    },
  };
}

const callerProof = <F>({ origin, signer, now, newId }: ChannelOptions<F>): Promise<string> =>
  signCallerProof(
    { method: 'GET', target: '/v1/channel', audience: origin, body: new Uint8Array() },
    signer,
    now(),
    newId(),
  );

function watch<F>(socket: WebSocket, options: ChannelOptions<F>, onOpen: () => void, onGone: () => void): void {
  let silence: NodeJS.Timeout | undefined;
  // A connection that hangs half-open would hide that the broker is gone; silence ends it.
  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(() => socket.terminate(), SILENCE);
  };
  socket.on('open', () => {
    heard();
    onOpen();
    options.onUp?.();
  });
  const handled = handleFew(socket);
  socket.on('ping', heard);
  socket.on('message', (data, isBinary) => {
    heard();
    const text = textOf(data);
    const frame = isBinary ? undefined : parse(options.frames, text);
    if (frame?.success) handled(Promise.resolve(options.onFrame(frame.data)), text.length);
    else options.onGarbage?.(frame?.error.issues[0]?.path.join('.') ?? 'binary');
  });
  let up = false;
  socket.on('open', () => (up = true));
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    clearTimeout(silence);
    if (up) options.onDown?.();
    onGone();
  });
}

/** The `ws` library hands a text over as one buffer, unless it was asked for another form. */
const textOf = (data: RawData): string => (Buffer.isBuffer(data) ? data.toString('utf8') : '');

/** Counts what is being handled, and stops reading while that is much. */
function handleFew(socket: WebSocket): (handling: Promise<unknown>, characters: number) => void {
  let [frames, held] = [0, 0];
  const much = () => frames >= MOST_FRAMES || held >= MOST_CHARACTERS;
  return (handling, characters) => {
    frames += 1;
    held += characters;
    if (much()) socket.pause();
    const done = () => {
      frames -= 1;
      held -= characters;
      if (!much() && socket.isPaused) socket.resume();
    };
    void handling.finally(done).catch(() => undefined);
  };
}

function parse<F>(schema: z.ZodType<F>, text: string): z.ZodSafeParseResult<F> {
  try {
    return schema.safeParse(JSON.parse(text));
  } catch {
    return schema.safeParse(undefined);
  }
}
