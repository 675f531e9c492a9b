import type { Duplex } from 'node:stream';
import { reset } from './splice.js';

/** The sockets of one session. A cut ends all of them in one step that waits for nothing. */
export class CutSet {
  readonly #sockets = new Set<Duplex>();
  #cut = false;

  /** A socket that comes after the cut is ended on the spot: no dial in flight outlives it. */
  add(...sockets: readonly Duplex[]): void {
    for (const socket of sockets) {
      if (this.#cut) {
        reset(socket);
        continue;
      }
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    }
  }

  /** Resets every socket. What was queued in this process or the kernel is not delivered. */
  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) reset(socket);
    this.#sockets.clear();
  }

  /** Resolves when every socket is closed by its own means, or after `longestMs`. */
  emptied(longestMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, longestMs);
      timer.unref();
      const look = () => {
        if (this.#sockets.size > 0) return;
        clearTimeout(timer);
        resolve();
      };
      for (const socket of this.#sockets) socket.once('close', look);
      look();
    });
  }

  get size(): number {
    return this.#sockets.size;
  }
}
