import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

/** As much as one read of a plain socket takes. Memory of idle streams is reserved, not touched. */
const READ_BYTES = 64 * 1024;

type Taker = (length: number) => boolean;
type Inner = Socket & Record<symbol, unknown> & { _handle?: { useUserBuffer?(buffer: Uint8Array): void } };

/**
 * Reads a socket into one buffer that is used again and again, as the `onread` option of `net.connect` does, but on a socket that
 * exists already (accepted ones take no such option). Without it every 64 KiB is an allocation that only a full garbage collection
 * frees: measured, that costs up to as much again as carrying the bytes. `take` may return false to be left alone until the socket is
 * resumed; the bytes are overwritten by the next read after it returned true or the socket was resumed.
 *
 * Answers false, having changed nothing, where this Node keeps the option elsewhere: read `data` events then. TLS sockets are never
 * read this way, since they go on delivering after a pause what they have already decrypted.
 */
export function readInPlace(socket: Duplex, take: (chunk: Buffer) => boolean): boolean {
  if (!(socket instanceof Socket) || socket instanceof TLSSocket) return false;
  const inner = socket as Inner;
  const [buffer, taker] = [ownSymbol(inner, 'kBuffer'), ownSymbol(inner, 'kBufferCb')];
  const use = inner._handle?.useUserBuffer;
  if (!buffer || !taker || !use || inner[buffer] !== null) return false;
  const bytes = Buffer.allocUnsafeSlow(READ_BYTES);
  inner[buffer] = bytes;
  inner[taker] = ((length) => take(bytes.subarray(0, length))) satisfies Taker;
  use.call(inner._handle, bytes);
  return true;
}

const ownSymbol = (of: object, description: string): symbol | undefined =>
  Object.getOwnPropertySymbols(of).find((symbol) => symbol.description === description);
