import { randomBytes } from 'node:crypto';
import { type ChannelKind, type UpstreamFrame, upstreamFrame } from '@interlock/contracts';
import type { WebSocket } from 'ws';
import type { EdgeCaller } from '../callers/callers.js';

/** Why a channel was closed by us (RFC 6455, 7.4; 4000 and above are ours). */
export const CLOSE = {
  goingAway: 1001,
  notText: 1003,
  garbage: 1007,
  notAllowed: 1008,
  tooSlow: 1013,
  replaced: 4000,
  noLongerCertified: 4001,
} as const;

/** A reader this far behind gets no more: it reconnects and fetches what counts. Bytes. */
const MOST_WAITING = 8 * 1024 * 1024;
/** Frames taken but not yet handled; beyond it the socket is not read: who floods waits for himself. */
const MOST_QUEUED = 32;

/** One live channel of one holder. */
export class Channel {
  readonly name = randomBytes(12).toString('base64url');
  readonly kind: ChannelKind;
  /** Set false when asked, true when answered. */
  alive = true;
  private readonly queue: UpstreamFrame[] = [];
  private busy = false;

  constructor(
    private readonly socket: WebSocket,
    readonly caller: EdgeCaller,
    private readonly handle: (channel: Channel, frame: UpstreamFrame) => Promise<void>,
  ) {
    this.kind = caller.actor === 'gateway' ? 'gateway' : 'agent';
    socket.on('message', (data, isBinary) => this.take(data, isBinary));
    socket.on('pong', () => {
      this.alive = true;
    });
    // An error is followed by a close; without a listener it would end the process.
    socket.on('error', () => undefined);
  }

  /** The holder, for "one live channel each": who, never which key. */
  get holder(): string {
    return `${this.caller.organisation} ${this.kind} ${this.caller.id}`;
  }

  onClose(done: () => void): void {
    this.socket.once('close', done);
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  /** Hands a frame to the socket, or gives the channel up if its reader does not keep up. */
  send(frame: object): void {
    if (!this.isOpen) return;
    if (this.socket.bufferedAmount > MOST_WAITING) this.close(CLOSE.tooSlow, 'too slow; connect again');
    else this.socket.send(JSON.stringify(frame));
  }

  ping(): void {
    this.alive = false;
    if (this.isOpen) this.socket.ping();
  }

  close(code: number, why: string): void {
    this.queue.length = 0;
    // A socket that is not read never sees the other end's goodbye.
    if (this.socket.isPaused) this.socket.resume();
    this.socket.close(code, why);
  }

  /** Ends it without waiting for the other end. */
  terminate(): void {
    this.socket.terminate();
  }

  private take(data: unknown, isBinary: boolean): void {
    if (!this.isOpen) return;
    const frame = isBinary ? undefined : readFrame(String(data));
    if (isBinary) this.close(CLOSE.notText, 'frames are JSON text');
    else if (!frame) this.close(CLOSE.garbage, 'not a frame of this protocol');
    else this.enqueue(frame);
  }

  private enqueue(frame: UpstreamFrame): void {
    this.queue.push(frame);
    if (this.queue.length >= MOST_QUEUED) this.socket.pause();
    if (!this.busy) void this.work();
  }

  /** One frame after the other, so that one holder's frames keep their order and cannot crowd out others'. */
  private async work(): Promise<void> {
    this.busy = true;
    for (let frame = this.queue.shift(); frame && this.isOpen; frame = this.queue.shift()) {
      await this.handle(this, frame);
      // A socket that is not read shows no pong either; who is being answered is alive.
      this.alive = true;
      if (this.queue.length < MOST_QUEUED && this.socket.isPaused) this.socket.resume();
    }
    this.busy = false;
  }
}

function readFrame(text: string): UpstreamFrame | undefined {
  try {
    const read = upstreamFrame.safeParse(JSON.parse(text));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}
