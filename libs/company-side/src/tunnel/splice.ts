import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { readInPlace } from './read-in-place.js';

/**
 * Bytes a socket of a tunnel holds for a slow reader, each way. Several TLS records fit, so that one turn of the event loop is
 * one write; small enough that a thousand stalled streams stay bounded.
 */
export const SOCKET_BUFFER_BYTES = 256 * 1024;

export interface SpliceEnds {
  /** Counts what passes, before it is written on. */
  onBytes?(bytes: number): void;
}

/**
 * Joins two sockets: what one says the other gets, at the pace of the slower one. An end on one side is an end on the other and leaves
 * the way back open; a fault on one side resets both, so that no half of a pair outlives the other.
 * Both sockets must have been made with `allowHalfOpen` and must not have been read from.
 */
export function splice(one: Duplex, other: Duplex, ends: SpliceEnds = {}): void {
  pump(one, other, ends.onBytes);
  pump(other, one, ends.onBytes);
  fallTogether(one, other);
  fallTogether(other, one);
}

function pump(from: Duplex, to: Duplex, onBytes?: (bytes: number) => void): void {
  from.on('end', () => to.end());
  if (from instanceof TLSSocket) gather(from, to, onBytes);
  else pass(from, to, onBytes);
  from.resume();
}

/** One chunk at a time: several writes at once would be copied into one before they are encrypted. */
function pass(from: Duplex, to: Duplex, onBytes?: (bytes: number) => void): void {
  let waiting = false;
  const written = () => {
    // A write that was done at once calls back late, when the next one may already be under way with the same memory.
    if (!waiting || to.writableLength > 0) return;
    waiting = false;
    from.resume();
  };
  const take = (chunk: Buffer): boolean => {
    onBytes?.(chunk.length);
    to.write(chunk, written);
    // Nothing left to write: the chunk's memory is free for the next read.
    waiting = to.writableLength > 0;
    return !waiting;
  };
  readInPlace(from, take);
  // What was read before this, and everything where reading in place is not to be had.
  from.on('data', (chunk: Buffer) => {
    if (!take(chunk)) from.pause();
  });
}

/** TLS hands over 16 KiB at a time; what one turn of the loop decrypted leaves in one system call. */
function gather(from: Duplex, to: Duplex, onBytes?: (bytes: number) => void): void {
  let gathering = false;
  const flush = () => {
    gathering = false;
    to.uncork();
    if (to.writableNeedDrain) from.pause();
  };
  from.on('data', (chunk: Buffer) => {
    onBytes?.(chunk.length);
    if (!gathering) {
      gathering = true;
      to.cork();
      setImmediate(flush);
    }
    if (!to.write(chunk)) from.pause();
  });
  to.on('drain', () => from.resume());
}

/** A fault or an early end of the first resets the second. */
export function fallTogether(one: Duplex, other: Duplex): void {
  // A socket without an error listener would end the process; the reason itself is the other side's `close`.
  one.on('error', () => reset(other));
  one.on('close', () => {
    const whole = one.readableEnded && one.writableFinished;
    if (!whole) reset(other);
  });
}

/** The TCP connection under a TLS one. */
const carriers = new WeakMap<TLSSocket, Socket>();

/** Remembers what carries a TLS socket, so that a reset of it resets the connection underneath. */
export function carriedBy(tls: TLSSocket, raw: Socket): TLSSocket {
  carriers.set(tls, raw);
  return tls;
}

/**
 * Ends a socket so that nothing still queued in this process or in the kernel reaches the peer, and the peer's kernel cannot take it for
 * a clean end. A plain close would go on delivering up to megabytes to a slow reader after a cut.
 */
export function reset(socket: Duplex): void {
  const raw = socket instanceof TLSSocket ? carriers.get(socket) : undefined;
  if (raw && !raw.destroyed) raw.destroy = resetInstead;
  if (socket instanceof Socket && !(socket instanceof TLSSocket)) resetInstead.call(socket);
  else socket.destroy();
}

/** TLS must let go of its connection by itself, from above; this is what it finds when it destroys it. */
function resetInstead(this: Socket): Socket {
  this.destroy = Socket.prototype.destroy;
  return this.destroyed || this.connecting ? this.destroy() : this.resetAndDestroy();
}
