import { once } from 'node:events';
import { Socket } from 'node:net';
import { type ModbusSource, type ModbusValue, modbusReading, modbusWidth, UNKNOWN_VALUE } from '@interlock/domain';
import modbus from 'jsmodbus';
import type { Fetching, PickUp } from './pick-up.js';

const ANSWER = 2_000;
/** Bytes that no answer to our questions needs; a peer that sends more does not speak Modbus, and the library would keep them all. */
const MOST_UNASKED = 4_096;
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 10_000;

/**
 * Reads the values that provisioning names out of a controller, again and again, and takes what changed. A value that cannot be read, and every
 * value of a controller that is away, is taken as not known. Redials with growing pauses.
 */
export function modbusPickUp(source: ModbusSource, fetching: Fetching): PickUp {
  const abort = new AbortController();
  const polling = new Polling(source, fetching, abort.signal);
  void polling.run();
  return {
    pause: () => polling.pause(true),
    resume: () => polling.pause(false),
    stop: () => abort.abort(),
  };
}

type Client = InstanceType<typeof modbus.client.TCP>;

class Polling {
  private paused = false;
  private readonly last = new Map<string, string>();

  constructor(
    private readonly source: ModbusSource,
    private readonly fetching: Fetching,
    private readonly signal: AbortSignal,
  ) {}

  pause(paused: boolean): void {
    this.paused = paused;
  }

  async run(): Promise<void> {
    let wait = FIRST_PAUSE;
    while (!this.signal.aborted) {
      const answered = await this.converse();
      for (const value of this.source.values) this.say(value, UNKNOWN_VALUE);
      wait = answered ? FIRST_PAUSE : Math.min(wait * 2, LONGEST_PAUSE);
      await this.rest(wait);
    }
  }

  /** One connection, until it fails; says whether the controller answered at all. */
  private async converse(): Promise<boolean> {
    const socket = new Socket();
    const hangUp = () => socket.destroy();
    this.signal.addEventListener('abort', hangUp);
    const client = new modbus.client.TCP(socket, this.source.unit, ANSWER);
    let answered = false;
    try {
      await dialled(socket, this.source);
      while (!this.signal.aborted && !socket.destroyed) {
        if (!this.paused) await this.round(client, () => (answered = true));
        await this.silence(socket);
      }
    } catch {
      // Whatever it was, the next connection starts anew.
    }
    this.signal.removeEventListener('abort', hangUp);
    socket.destroy();
    return answered;
  }

  private async round(client: Client, answered: () => void): Promise<void> {
    for (const value of this.source.values) {
      const registers = await read(client, value);
      answered();
      if (this.signal.aborted) return;
      this.say(value, registers ? modbusReading(value, registers) : UNKNOWN_VALUE);
    }
  }

  private say({ key }: ModbusValue, value: string): void {
    if (this.signal.aborted || this.last.get(key) === value) return;
    this.last.set(key, value);
    const { minimise, take, now } = this.fetching;
    take(minimise([{ at: new Date(now()).toISOString(), key, value }]));
  }

  /** Between two rounds a controller has nothing to say. */
  private async silence(socket: Socket): Promise<void> {
    const done = atMost(socket, MOST_UNASKED);
    await this.rest(this.source.everyMilliseconds, socket);
    done();
  }

  /** Waits; an abort or the end of the socket ends it sooner. */
  private rest(milliseconds: number, socket?: Socket): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.signal.removeEventListener('abort', done);
        socket?.off('close', done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.signal.addEventListener('abort', done);
      socket?.once('close', done);
      if (this.signal.aborted || socket?.destroyed) done();
    });
  }
}

async function dialled(socket: Socket, { host, port }: ModbusSource): Promise<void> {
  socket.on('error', () => undefined);
  socket.setNoDelay(true).connect({ host, port });
  await once(socket, 'connect', { signal: AbortSignal.timeout(ANSWER) });
}

/** Hangs up on a peer that says more than this, until the returned function is called. */
function atMost(socket: Socket, bytes: number): () => void {
  const before = socket.bytesRead;
  const count = () => {
    if (socket.bytesRead - before > bytes) socket.destroy();
  };
  socket.on('data', count);
  return () => socket.off('data', count);
}

/** The registers (or bits) of a value; undefined where the controller answers with an exception. Throws where it does not answer. */
async function read(client: Client, { table, address, format }: ModbusValue): Promise<readonly number[] | undefined> {
  const done = atMost(client.socket, MOST_UNASKED);
  const count = modbusWidth(format);
  try {
    const { response } = await (table === 'coil'
      ? client.readCoils(address, count)
      : table === 'discrete-input'
        ? client.readDiscreteInputs(address, count)
        : table === 'input-register'
          ? client.readInputRegisters(address, count)
          : client.readHoldingRegisters(address, count));
    return Array.from(response.body.valuesAsArray, Number);
  } catch (cause) {
    if (isException(cause)) return undefined;
    throw cause;
  } finally {
    done();
  }
}

const isException = (cause: unknown): boolean =>
  typeof cause === 'object' && cause !== null && 'err' in cause && cause.err === 'ModbusException';
