import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { type ConnectorTunnelFrame, type GatewayTunnelFrame, gatewayTunnelFrame } from '@interlock/contracts';
import { allow, type Decision, type Instant, type LocalId, refuse, type Thumbprint } from '@interlock/domain';
import { ConnectorStreams } from './connector-streams.js';
import { CutSet } from './cut-set.js';
import { dialRelay, type HttpProxy, type RelayAddress } from './dial-relay.js';
import { FrameChannel } from './frame-channel.js';
import type { Hello, SignedReceipt, Welcome } from './gateway-end.js';
import type { Leaf } from './leaf.js';
import { type PinnedPeer, pinnedContext, secureAsConnector } from './pinned-tls.js';
import { TUNNEL_LIMITS, type TunnelLimits } from './tunnel-limits.js';

export interface ClosedWord {
  readonly code: string;
  /** The gateway's closing receipt, unverified, where it sent one. */
  readonly receipt?: SignedReceipt;
}

export interface SessionRequest {
  readonly relay: RelayAddress;
  readonly proxy?: HttpProxy;
  readonly rendezvous: string;
  /** The key that the login proof names, in its wrapper. */
  readonly tls: Leaf;
  /** Thumbprint of the gateway's key, from the owner's key certificate. Nobody else gets the hello. */
  readonly expectedGateway: Thumbprint;
  readonly hello: Hello;
  /** Verifies the welcome and makes the connector's opening receipt; a refusal ends the session before any stream. */
  onWelcome(welcome: Welcome): Promise<Decision<SignedReceipt>>;
  /** Makes the connector's closing receipt. */
  closingReceipt?(word: ClosedWord): Promise<SignedReceipt>;
  /** The gateway says when and why the session will end. */
  onEnding?(at: Instant, why: string): void;
  readonly signal?: AbortSignal;
  readonly limits?: Partial<TunnelLimits>;
}

/** The connector's end of one welcomed session. */
export interface ConnectorSession {
  readonly welcome: Welcome;
  /**
   * Opens one stream to a service, by the owner's name for it. The stream is a TLS connection of its own: a slow reader slows its own
   * sender only, and ending the writable side leaves the readable side open. It errors with StreamTruncated where its end was forged.
   */
  openStream(service: LocalId): Promise<Decision<Duplex>>;
  /** Resolves when the session is over and every stream of it is dead: by the gateway's word, or without one. */
  readonly closed: Promise<ClosedWord>;
  /** Ends the session: every stream at once; the gateway is told. End streams first to have their last bytes delivered. */
  close(): void;
}

type Channel = FrameChannel<GatewayTunnelFrame, ConnectorTunnelFrame>;

/**
 * Meets a gateway at the relay, proves both keys, and says hello. A refusal carries the gateway's code, or the tunnel's own; no socket is
 * left behind it.
 */
export async function openSession(request: SessionRequest): Promise<Decision<ConnectorSession>> {
  const opening = new Opening(request);
  const session = await opening.run();
  if (!session.allowed) opening.end(session.refusal.code);
  return session;
}

class Opening implements ConnectorSession {
  readonly closed: Promise<ClosedWord>;
  welcome!: Welcome;
  readonly #limits: TunnelLimits;
  readonly #peer: PinnedPeer;
  readonly #abort = new AbortController();
  readonly #control = new CutSet();
  readonly #cut = new CutSet();
  readonly #streams: ConnectorStreams;
  #channel: Channel | undefined;
  #over = false;
  #toldClosed: (word: ClosedWord) => void = () => undefined;
  #answer: (word: Decision<Welcome>) => void = () => undefined;

  constructor(private readonly request: SessionRequest) {
    this.#limits = { ...TUNNEL_LIMITS, ...request.limits };
    const { handshakeMs } = this.#limits;
    this.#peer = { context: pinnedContext(request.tls), expected: request.expectedGateway, handshakeMs };
    this.closed = new Promise((resolve) => (this.#toldClosed = resolve));
    this.#streams = new ConnectorStreams({
      callFor: (stream) => this.#callFor(stream),
      peer: this.#peer,
      cut: this.#cut,
      limits: this.#limits,
      say: (frame) => this.#channel?.send(frame),
    });
    request.signal?.addEventListener('abort', () => this.close(), { once: true });
    if (request.signal?.aborted) this.close();
  }

  async run(): Promise<Decision<ConnectorSession>> {
    const call = this.#callFor(0);
    const socket = await dialRelay(call);
    const secured = socket.allowed ? await secureAsConnector(socket.value, this.#peer, call, this.#control) : socket;
    if (!secured.allowed) return secured;
    const word = await this.#greet(secured.value);
    if (!word.allowed) return word;
    const receipt = await this.request.onWelcome(word.value).catch(() => refuse('decision_failed'));
    if (!receipt.allowed) return receipt;
    this.#channel?.send({ t: 'receipt', receipt: receipt.value });
    this.welcome = word.value;
    return allow(this);
  }

  openStream(service: LocalId): Promise<Decision<Duplex>> {
    if (this.#over) return Promise.resolve(refuse('control_lost'));
    return this.#streams.open(service);
  }

  close(): void {
    this.#channel?.send({ t: 'bye' });
    this.end('ended_by_subject');
  }

  /** Every stream first, the word after. */
  end(code: string, receipt?: SignedReceipt): void {
    if (this.#over) return;
    this.#over = true;
    this.#abort.abort();
    this.#cut.cut();
    this.#streams.refuseAll(code);
    this.#answer(refuse(code));
    const word: ClosedWord = receipt ? { code, receipt } : { code };
    this.#toldClosed(word);
    void this.#farewell(word);
  }

  #greet(control: TLSSocket): Promise<Decision<Welcome>> {
    return new Promise((resolve) => {
      const late = setTimeout(() => this.end('decision_late'), this.#limits.decisionMs);
      this.#answer = (word) => {
        clearTimeout(late);
        resolve(word);
      };
      this.#channel = new FrameChannel(control, gatewayTunnelFrame, {
        onFrame: (frame) => this.#hear(frame),
        onFault: (code) => this.end(code),
        onEnd: () => this.end('control_lost'),
      });
      this.#channel.send({ t: 'hello', v: 1, ...this.request.hello });
    });
  }

  #hear(frame: GatewayTunnelFrame): void {
    if (this.#over) return;
    if (frame.t === 'closed') this.end(frame.code, frame.receipt);
    else if (frame.t === 'welcome') this.#answer(allow(frame));
    else if (frame.t === 'ending') this.request.onEnding?.(frame.at, frame.why);
    else if (frame.t === 'refused' && frame.stream === undefined) this.#refuse(frame.code, frame.clause);
    else this.#streams.hear(frame);
  }

  #refuse(code: string, clause?: string): void {
    this.#answer(refuse(code, clause === undefined ? {} : { clause }));
    this.end(code);
  }

  #callFor(stream: number) {
    const { relay, proxy, rendezvous } = this.request;
    const { connectMs, partnerMs: waitMs } = this.#limits;
    const common = { ...relay, rendezvous, stream, role: 'connector' as const, signal: this.#abort.signal };
    return { ...common, connectMs, waitMs, ...(proxy ? { proxy } : {}) };
  }

  async #farewell(word: ClosedWord): Promise<void> {
    const late = new Promise<void>((resolve) => {
      setTimeout(resolve, this.#limits.farewellMs).unref();
    });
    const made = this.welcome ? this.request.closingReceipt?.(word).catch(() => undefined) : undefined;
    const receipt = await Promise.race([made, late]);
    if (receipt) this.#channel?.send({ t: 'receipt', receipt });
    this.#channel?.end();
    await this.#control.emptied(this.#limits.farewellMs);
    this.#control.cut();
  }
}
