import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { type ConnectorTunnelFrame, type GatewayTunnelFrame, LAST_STREAM } from '@interlock/contracts';
import { allow, type Decision, type LocalId, refuse } from '@interlock/domain';
import type { CutSet } from './cut-set.js';
import { dialRelay, type RelayCall } from './dial-relay.js';
import { holdEnd } from './hold-end.js';
import { type PinnedPeer, secureAsConnector } from './pinned-tls.js';
import type { TunnelLimits } from './tunnel-limits.js';

export interface StreamsOf {
  callFor(stream: number): RelayCall & { readonly signal: AbortSignal };
  readonly peer: PinnedPeer;
  readonly cut: CutSet;
  readonly limits: TunnelLimits;
  say(frame: ConnectorTunnelFrame): void;
}

type StreamFrame = Extract<GatewayTunnelFrame, { t: 'opened' | 'refused' | 'ended' }>;

interface Slot {
  /** The gateway's word on the stream. */
  readonly word: (word: Decision<void>) => void;
  tls?: TLSSocket;
  confirm?: (bytes: number) => void;
  announced?: number;
}

/** The data streams of a connector's session. */
export class ConnectorStreams {
  readonly #slots = new Map<number, Slot>();
  #last = 0;

  constructor(private readonly of: StreamsOf) {}

  /** Asks for a stream and goes to the relay at the same time, since the gateway comes there as soon as it agrees. */
  async open(service: LocalId): Promise<Decision<Duplex>> {
    if (this.#last >= LAST_STREAM) return refuse('streams_too_many');
    this.#last += 1;
    const stream = this.#last;
    const abort = new AbortController();
    const call = this.of.callFor(stream);
    const said = this.#ask(stream, service);
    const carried = this.#carry(stream, { ...call, signal: AbortSignal.any([call.signal, abort.signal]) });
    const word = await said;
    // The gateway's reason is worth more than what its hanging up looks like from here.
    const tls = word.allowed ? await carried : word;
    if (tls.allowed) return tls;
    abort.abort();
    this.#slots.get(stream)?.tls?.destroy();
    this.#slots.delete(stream);
    return tls;
  }

  hear(frame: StreamFrame): void {
    const slot = frame.stream === undefined ? undefined : this.#slots.get(frame.stream);
    if (!slot) return;
    if (frame.t === 'opened') slot.word(allow(undefined));
    else if (frame.t === 'refused') this.#refused(slot, frame.code, frame.clause);
    else {
      slot.announced = frame.bytes;
      slot.confirm?.(frame.bytes);
    }
  }

  /** Answers every stream that is still being opened. */
  refuseAll(code: string): void {
    for (const slot of this.#slots.values()) slot.word(refuse(code));
    this.#slots.clear();
  }

  #ask(stream: number, service: LocalId): Promise<Decision<void>> {
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve(refuse('decision_late')), this.of.limits.decisionMs);
      const word = (said: Decision<void>) => {
        clearTimeout(late);
        resolve(said);
      };
      this.#slots.set(stream, { word });
      this.of.say({ t: 'open', stream, service });
    });
  }

  #refused(slot: Slot, code: string, clause?: string): void {
    slot.word(refuse(code, clause === undefined ? {} : { clause }));
    slot.tls?.destroy();
  }

  async #carry(stream: number, call: RelayCall): Promise<Decision<TLSSocket>> {
    const raw = await dialRelay(call);
    if (!raw.allowed) return raw;
    const secured = await secureAsConnector(raw.value, this.of.peer, call, this.of.cut);
    if (!secured.allowed) return secured;
    const tls = secured.value;
    const slot = this.#slots.get(stream);
    if (!slot) {
      tls.destroy();
      return refuse('stream_failed');
    }
    slot.tls = tls;
    slot.confirm = holdEnd(tls, this.of.limits.confirmMs);
    if (slot.announced !== undefined) slot.confirm(slot.announced);
    tls.once('finish', () => this.of.say({ t: 'ended', stream, bytes: tls.bytesWritten }));
    tls.once('close', () => this.#slots.delete(stream));
    return secured;
  }
}
