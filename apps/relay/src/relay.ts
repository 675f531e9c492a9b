import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { reset, SOCKET_BUFFER_BYTES, splice, takeLine } from '@interlock/company-side';
import {
  RELAY_REQUEST_MAX_BYTES,
  type RelayAnswer,
  type RelayRefusalCode,
  type RelayRequest,
  relayRequest,
} from '@interlock/contracts';
import { Admission, type AdmissionLimits } from './admission.js';
import { Farewells } from './hang-up.js';
import { type Guest, WaitingRoom } from './waiting-room.js';

export interface RelaySettings extends AdmissionLimits {
  readonly host: string;
  readonly port: number;
  /** How long a dialer may take for its first line, in milliseconds. */
  readonly requestMs: number;
  /** How long a dialer may wait for its partner, in milliseconds. */
  readonly partnerMs: number;
  /** A pair on which nothing moves either way for this long is ended, in milliseconds; 0: never. */
  readonly idleMs: number;
}

const KEEPALIVE_MS = 15_000;
const MEET: RelayAnswer = { ok: true };
const LINE_FAULTS = {
  too_long: 'relay_request_too_long',
  late: 'relay_request_late',
  ended: 'relay_request_malformed',
} as const satisfies Record<string, RelayRefusalCode>;

/**
 * Joins two ends that name the same place and carries what they say, unread. It holds no key, checks no right and keeps nothing:
 * whoever owns it can drop and delay, and losing it ends streams, not authority.
 */
export class Relay {
  readonly #server: Server;
  readonly #room = new WaitingRoom();
  readonly #admission: Admission;
  readonly #farewells = new Farewells();
  readonly #sockets = new Set<Socket>();

  constructor(private readonly settings: RelaySettings) {
    this.#admission = new Admission(settings);
    const options = { allowHalfOpen: true, noDelay: true, highWaterMark: SOCKET_BUFFER_BYTES };
    this.#server = createServer(
      { ...options, keepAlive: true, keepAliveInitialDelay: KEEPALIVE_MS },
      (socket) => void this.#receive(socket),
    );
    this.#server.on('error', () => undefined);
  }

  /** Listens; resolves to the port. Rejects where the address cannot be had. */
  async start(): Promise<number> {
    this.#server.listen({ host: this.settings.host, port: this.settings.port, backlog: 1024 });
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /** Stops listening and ends every connection at once. */
  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) reset(socket);
    await closed;
  }

  get counts(): { waiting: number; pairs: number; addresses: number; places: number; connections: number } {
    return { ...this.#admission.counts, places: this.#room.size, connections: this.#sockets.size };
  }

  async #receive(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
    const address = socket.remoteAddress ?? '';
    const admitted = this.#admission.wait(address);
    if (admitted !== 'admitted') {
      this.#farewells.say(socket, admitted);
      return;
    }
    const waits = onceOnly(() => this.#admission.stopWaiting(address));
    socket.once('close', waits);

    const request = await this.#requestOf(socket);
    if (typeof request !== 'object') {
      waits();
      this.#farewells.say(socket, request);
      return;
    }
    if (!socket.destroyed) this.#seat(socket, request, waits);
  }

  async #requestOf(socket: Socket): Promise<RelayRequest | RelayRefusalCode> {
    const taken = await takeLine(socket, RELAY_REQUEST_MAX_BYTES, this.settings.requestMs);
    if ('fault' in taken) return LINE_FAULTS[taken.fault];
    const asked = relayRequest.safeParse(parseJson(taken.line));
    if (!asked.success) return 'relay_request_malformed';
    return taken.rest.length > 0 ? 'relay_spoke_too_early' : asked.data;
  }

  #seat(socket: Socket, asked: RelayRequest, waits: () => void): void {
    const wait = this.#waiter(socket, waits);
    const guest: Guest = { socket, asked, called: wait.stop };
    const meeting = this.#room.enter(guest);
    if (meeting.outcome === 'waits') {
      wait.start(() => this.#room.leave(guest));
      return;
    }
    waits();
    if (meeting.outcome === 'role_taken') {
      this.#farewells.say(socket, 'relay_role_taken');
      return;
    }
    meeting.partner.called();
    this.#join(socket, meeting.partner.socket);
  }

  /** Reads on while waiting: a guest that went away must not be the one its partner meets. */
  #waiter(socket: Socket, waits: () => void) {
    let leave: () => void = () => undefined;
    let timer: NodeJS.Timeout | undefined;
    const stop = () => {
      clearTimeout(timer);
      socket.off('data', onData).off('end', onEnd).off('close', onEnd).pause();
      leave();
      waits();
    };
    const refuse = (code: RelayRefusalCode) => {
      stop();
      this.#farewells.say(socket, code);
    };
    const onData = () => refuse('relay_spoke_too_early');
    const onEnd = () => {
      stop();
      socket.destroy();
    };
    const start = (whenLeaving: () => void) => {
      leave = whenLeaving;
      timer = setTimeout(() => refuse('relay_partner_absent'), this.settings.partnerMs);
      socket.on('data', onData).on('end', onEnd).on('close', onEnd).resume();
    };
    return { start, stop };
  }

  #join(one: Socket, other: Socket): void {
    this.#admission.pairMet();
    let open = 2;
    for (const socket of [one, other]) {
      socket.write(`${JSON.stringify(MEET)}\n`);
      if (this.settings.idleMs > 0) socket.setTimeout(this.settings.idleMs, () => [one, other].forEach(reset));
      socket.once('close', () => {
        open -= 1;
        if (open === 0) this.#admission.pairEnded();
      });
    }
    splice(one, other);
  }
}

function onceOnly(act: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    act();
  };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
