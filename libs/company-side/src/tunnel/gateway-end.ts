import type { TLSSocket } from 'node:tls';
import {
  type ConnectorTunnelFrame,
  connectorTunnelFrame,
  type GatewayTunnelFrame,
  type RelayRefusalCode,
  type signedReceipt,
  type TunnelRefusalCode,
} from '@interlock/contracts';
import { allow, type Decision, type Instant, type LocalId, refuse, type Thumbprint } from '@interlock/domain';
import type { z } from 'zod';
import { CutSet } from './cut-set.js';
import { dialRelay, type HttpProxy, type RelayAddress } from './dial-relay.js';
import { FrameChannel } from './frame-channel.js';
import { type GatewayStream, type MachineAddress, openGatewayStream } from './gateway-stream.js';
import type { Leaf } from './leaf.js';
import { type PinnedPeer, pinnedContext, secureAsGateway } from './pinned-tls.js';
import { TUNNEL_LIMITS, type TunnelLimits } from './tunnel-limits.js';

export type SignedReceipt = z.infer<typeof signedReceipt>;
export type TunnelFault = TunnelRefusalCode | RelayRefusalCode;

export interface Hello {
  readonly ticket: string;
  readonly loginProof: string | null;
}

export interface Welcome {
  readonly endsAt: Instant;
  readonly approvedBy: readonly string[];
  readonly receipt: SignedReceipt;
}

export interface SessionEnd {
  readonly code: string;
  /** Payload bytes that passed, both ways. */
  readonly bytes: number;
}

export interface SessionOffer {
  readonly relay: RelayAddress;
  readonly proxy?: HttpProxy;
  readonly rendezvous: string;
  /** The gateway's certified key in its wrapper. */
  readonly tls: Leaf;
  /** Thumbprint of the only key that may be at the other end of any stream of this session. */
  readonly expectedPeer: Thumbprint;
  /** Decides on the session. `peer` is the key that signed this handshake: compare it with the login proof's `jkt`. */
  onHello(hello: Hello, peer: Thumbprint): Promise<Decision<Welcome>>;
  /** Decides on one stream and says where the service listens. Called only in a welcomed session. */
  onOpen(service: LocalId): Promise<Decision<MachineAddress>>;
  /** The connector's receipts, unverified: one after the welcome, one after the end. */
  onReceipt?(receipt: SignedReceipt): void;
  /** Called for every chunk, before it is written on. */
  onBytes?(bytes: number): void;
  /** Makes the closing receipt after every stream is dead; later than `farewellMs` it is left out. */
  closingReceipt?(end: SessionEnd): Promise<SignedReceipt>;
  readonly limits?: Partial<TunnelLimits>;
}

interface Slot {
  stream?: GatewayStream;
  confirmed?: number;
}

/**
 * The gateway's end of one session. Until `onHello` allowed it no stream is dialled and no machine is touched. It does not know why a
 * session may go on or must end: whoever made it calls `close`.
 */
export class GatewaySession {
  /** The word on the session: the welcome, or why there was none. */
  readonly opened: Promise<Decision<Welcome>>;
  /** Resolves in the turn of the cut, when every stream is dead and before anybody is told. */
  readonly closed: Promise<SessionEnd>;
  /** Resolves when the control stream is gone too. */
  readonly finished: Promise<void>;

  readonly #limits: TunnelLimits;
  readonly #peer: PinnedPeer;
  readonly #abort = new AbortController();
  readonly #streams = new CutSet();
  readonly #control = new CutSet();
  readonly #slots = new Map<number, Slot>();
  readonly #settle: { opened(word: Decision<Welcome>): void; closed(end: SessionEnd): void; finished(): void };
  #channel: FrameChannel<ConnectorTunnelFrame, GatewayTunnelFrame> | undefined;
  #phase: 'meeting' | 'greeting' | 'deciding' | 'open' | 'closed' = 'meeting';
  #greeting: NodeJS.Timeout | undefined;
  readonly #controlGone = new AbortController();
  #welcomed = false;
  #lastStream = 0;
  #receipts = 0;
  #bytes = 0;

  constructor(private readonly offer: SessionOffer) {
    this.#limits = { ...TUNNEL_LIMITS, ...offer.limits };
    const { handshakeMs } = this.#limits;
    this.#peer = { context: pinnedContext(offer.tls), expected: offer.expectedPeer, handshakeMs };
    let opened: (word: Decision<Welcome>) => void = () => undefined;
    let closed: (end: SessionEnd) => void = () => undefined;
    let finished: () => void = () => undefined;
    this.opened = new Promise((resolve) => (opened = resolve));
    this.closed = new Promise((resolve) => (closed = resolve));
    this.finished = new Promise((resolve) => (finished = resolve));
    this.#settle = { opened, closed, finished };
    void this.#meet();
  }

  /** Streams that are open or being opened. */
  get streams(): number {
    return this.#slots.size;
  }

  /** Tells the connector when and why the session will end; changes nothing. */
  announceEnding(at: Instant, why: string): void {
    if (this.#phase === 'open') this.#channel?.send({ t: 'ending', at, why });
  }

  /**
   * Ends the session. When this returns every data stream and every machine connection of it is reset, and nothing queued for either side
   * will be delivered. The connector is told afterwards, for at most `farewellMs`. Calling it again changes nothing.
   */
  close(code: string): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#abort.abort();
    this.#streams.cut();
    clearTimeout(this.#greeting);
    const end: SessionEnd = { code, bytes: this.#bytes };
    this.#settle.opened(refuse(code));
    this.#settle.closed(end);
    // Words and records come in a later turn: who ends a thousand sessions in this one ends the last as soon as the first.
    setImmediate(() => void this.#farewell(end));
  }

  async #meet(): Promise<void> {
    const call = this.#callFor(0);
    const socket = await dialRelay(call);
    const secured = socket.allowed ? await secureAsGateway(socket.value, this.#peer, call, this.#control) : socket;
    if (!secured.allowed) this.close(secured.refusal.code);
    else if (this.#phase === 'meeting') this.#greet(secured.value);
  }

  #greet(control: TLSSocket): void {
    this.#phase = 'greeting';
    this.#greeting = setTimeout(() => this.close('hello_late'), this.#limits.helloMs);
    this.#channel = new FrameChannel(control, connectorTunnelFrame, {
      onFrame: (frame) => {
        const fault = this.#hear(frame);
        if (fault) this.close(fault);
      },
      onFault: (code) => this.close(code),
      onEnd: () => {
        this.#controlGone.abort();
        this.close('control_lost');
      },
    });
  }

  /** Acts on a frame; what it returns ends the session. */
  #hear(frame: ConnectorTunnelFrame): TunnelRefusalCode | undefined {
    if (frame.t === 'receipt') return this.#takeReceipt(frame.receipt);
    if (this.#phase === 'closed') return undefined;
    if (frame.t === 'bye') return 'ended_by_subject';
    if (frame.t === 'hello') {
      if (this.#phase !== 'greeting') return 'hello_repeated';
      void this.#decide({ ticket: frame.ticket, loginProof: frame.loginProof });
      return undefined;
    }
    if (this.#phase !== 'open') return 'hello_expected';
    if (frame.t === 'ended') this.#confirm(frame.stream, frame.bytes);
    else if (frame.stream <= this.#lastStream) return 'stream_number_used';
    else void this.#open(frame.stream, frame.service);
    return undefined;
  }

  async #decide(hello: Hello): Promise<void> {
    clearTimeout(this.#greeting);
    this.#phase = 'deciding';
    const word = await this.offer.onHello(hello, this.#peer.expected).catch(unanswered);
    // The session may have been closed while the decision was made; a late yes opens nothing.
    if (this.#phase !== 'deciding') return;
    if (!word.allowed) {
      const { code, clause } = word.refusal;
      this.#channel?.send({ t: 'refused', code, ...(clause === undefined ? {} : { clause }) });
      this.#settle.opened(word);
      this.close(code);
      return;
    }
    this.#phase = 'open';
    this.#welcomed = true;
    const { endsAt, approvedBy, receipt } = word.value;
    this.#channel?.send({ t: 'welcome', endsAt, approvedBy: [...approvedBy], receipt });
    this.#settle.opened(allow(word.value));
  }

  async #open(stream: number, service: LocalId): Promise<void> {
    this.#lastStream = stream;
    if (this.#slots.size >= this.#limits.streams) {
      this.#refuseStream(stream, 'streams_too_many');
      return;
    }
    const slot: Slot = {};
    this.#slots.set(stream, slot);
    const opened = await this.#openInto(stream, service);
    if (!opened.allowed) {
      this.#slots.delete(stream);
      this.#refuseStream(stream, opened.refusal.code, opened.refusal.clause);
      return;
    }
    slot.stream = opened.value;
    if (slot.confirmed !== undefined) opened.value.confirm(slot.confirmed);
    void opened.value.closed.then(() => this.#slots.delete(stream));
  }

  async #openInto(stream: number, service: LocalId): Promise<Decision<GatewayStream>> {
    const machine = await this.offer.onOpen(service).catch(unanswered);
    if (!machine.allowed) return machine;
    if (this.#phase !== 'open') return refuse('control_lost');
    return openGatewayStream({
      call: this.#callFor(stream),
      peer: this.#peer,
      machine: machine.value,
      cut: this.#streams,
      limits: this.#limits,
      say: (frame) => this.#say(frame),
      onBytes: (bytes) => this.#count(bytes),
    });
  }

  #callFor(stream: number) {
    const { relay, proxy, rendezvous } = this.offer;
    const { connectMs, partnerMs: waitMs } = this.#limits;
    const common = { ...relay, rendezvous, stream, role: 'gateway' as const, signal: this.#abort.signal };
    return { ...common, connectMs, waitMs, ...(proxy ? { proxy } : {}) };
  }

  #say(frame: GatewayTunnelFrame): void {
    if (this.#phase === 'open') this.#channel?.send(frame);
  }

  #refuseStream(stream: number, code: string, clause?: string): void {
    this.#say({ t: 'refused', stream, code, ...(clause === undefined ? {} : { clause }) });
  }

  #confirm(stream: number, bytes: number): void {
    const slot = this.#slots.get(stream);
    if (!slot) return;
    slot.confirmed = bytes;
    slot.stream?.confirm(bytes);
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.offer.onBytes?.(bytes);
  }

  #takeReceipt(receipt: SignedReceipt): TunnelRefusalCode | undefined {
    if (!this.#welcomed) return 'hello_expected';
    this.#receipts += 1;
    // One after the welcome, one after the end; more would only fill the disk of whoever keeps them.
    if (this.#receipts > 2) return 'frames_too_many';
    this.offer.onReceipt?.(receipt);
    return undefined;
  }

  async #farewell(end: SessionEnd): Promise<void> {
    const over = new Promise<void>((resolve) => {
      if (!this.#channel || this.#controlGone.signal.aborted) resolve();
      this.#controlGone.signal.addEventListener('abort', () => resolve());
      setTimeout(resolve, this.#limits.farewellMs).unref();
    });
    const made = this.#welcomed ? this.offer.closingReceipt?.(end).catch(() => undefined) : undefined;
    const receipt = await Promise.race([made, over]);
    this.#channel?.send({ t: 'closed', code: end.code, ...(receipt ? { receipt } : {}) });
    this.#channel?.end();
    await over;
    this.#control.cut();
    this.#settle.finished();
  }
}

/** A decision that failed is a no; the fault itself is the decider's to report. */
const unanswered = () => refuse('decision_failed');

/** Dials the relay for one offered session and waits there for the connector. */
export const acceptSession = (offer: SessionOffer): GatewaySession => new GatewaySession(offer);
