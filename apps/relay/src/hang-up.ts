import type { Socket } from 'node:net';
import { RELAY_REFUSALS, type RelayAnswer, type RelayRefusalCode } from '@interlock/contracts';

const LINGER_MS = 1_000;
/** Refused connections that may still be read out. Beyond it they are cut without a farewell: a flood pays, not we. */
const LINGERING_AT_MOST = 256;

/** Tells refused dialers why, within bounds. */
export class Farewells {
  #lingering = 0;

  /**
   * Answers with the code and ends the connection. What the dialer still sends is read and thrown away for a moment, since closing
   * with unread bytes would make the kernel reset the connection and swallow the answer.
   */
  say(socket: Socket, code: RelayRefusalCode): void {
    socket.on('error', () => undefined);
    if (this.#lingering >= LINGERING_AT_MOST) {
      socket.destroy();
      return;
    }
    this.#lingering += 1;
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once('close', () => {
      this.#lingering -= 1;
      clearTimeout(timer);
    });
    const answer: RelayAnswer = { ok: false, code, say: RELAY_REFUSALS[code] };
    socket.on('data', () => undefined).on('end', () => socket.destroy());
    socket.resume();
    socket.end(`${JSON.stringify(answer)}\n`);
  }
}
