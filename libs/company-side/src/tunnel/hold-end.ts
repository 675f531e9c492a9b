import type { TLSSocket } from 'node:tls';

/** A stream's end came without its confirmation: somebody between the ends cut it short. */
export class StreamTruncated extends Error {
  override readonly name = 'StreamTruncated';
  readonly code = 'stream_truncated';
  constructor() {
    super('the stream ended before all bytes that were sent had arrived; what was received is incomplete');
  }
}

/**
 * Holds back a stream's end until the peer's byte count confirms it. Node reports a TCP connection that was closed or reset under
 * TLS as a clean end, so whoever carries the ciphertext could make half a file look whole; the count comes through the control stream.
 * Call the returned function with what the peer says it sent. No count in `confirmMs`, or another count, destroys the stream with
 * StreamTruncated.
 */
export function holdEnd(stream: TLSSocket, confirmMs: number): (bytesSent: number) => void {
  const push = stream.push.bind(stream);
  let announced: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  const cutShort = () => stream.destroy(new StreamTruncated());
  const finish = () => {
    clearTimeout(timer);
    if (announced !== stream.bytesRead) return cutShort();
    push(null);
    return stream.read(0);
  };
  stream.push = (chunk: unknown, encoding?: BufferEncoding) => {
    if (chunk !== null) return push(chunk, encoding);
    if (announced !== undefined) finish();
    else timer ??= setTimeout(cutShort, confirmMs);
    return false;
  };
  stream.once('close', () => clearTimeout(timer));
  return (bytesSent) => {
    if (announced !== undefined) return;
    announced = bytesSent;
    if (timer) finish();
  };
}
