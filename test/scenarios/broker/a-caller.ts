import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Problem } from '@interlock/contracts';
import { CALLER_SCHEME, type Signer, signCallerProof } from '@interlock/proof';
import WebSocket from 'ws';
import type { Broker } from './a-broker.js';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly code: string | undefined;
}

export const proofFor = async (
  broker: Pick<Broker, 'origin'>,
  signer: Signer,
  method: string,
  target: string,
  body: Uint8Array = new Uint8Array(),
): Promise<string> => {
  const jti = randomBytes(16).toString('base64url');
  return `${CALLER_SCHEME} ${await signCallerProof({ method, target, audience: broker.origin, body }, signer, Date.now(), jti)}`;
};

/** Calls the API as whoever holds the signer's key; anonymously without one. */
export async function call(
  broker: Pick<Broker, 'origin' | 'url'>,
  signer: Signer | null,
  method: string,
  target: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const response = await fetch(`${broker.url}${target}`, {
    method,
    headers: {
      ...(signer ? { authorization: await proofFor(broker, signer, method, target, bytes) } : {}),
      ...(bytes ? { 'content-type': 'application/json' } : {}),
      ...headers,
    },
    ...(bytes ? { body: bytes } : {}),
  });
  const text = await response.text();
  const answered: unknown = text === '' ? undefined : JSON.parse(text);
  return { status: response.status, body: answered, code: response.ok ? undefined : (answered as Problem).code };
}

/** The body of a yes; a no fails the test with its code. */
export async function ok<T = unknown>(answering: Promise<Answer>): Promise<T> {
  const { status, body } = await answering;
  if (status >= 300) throw new Error(`expected a yes, got ${status} ${JSON.stringify(body)}`);
  return body as T;
}

export interface Frame {
  readonly t: string;
  readonly [field: string]: unknown;
}

/** One end of a channel, which remembers what it got. */
export class TestChannel {
  readonly frames: Frame[] = [];
  closed: { code: number; why: string } | undefined;
  private readonly watchers = new Set<() => void>();

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data) => {
      this.frames.push(JSON.parse(String(data)) as Frame);
      for (const watch of this.watchers) watch();
    });
    socket.on('close', (code, why) => {
      this.closed = { code, why: String(why) };
      for (const watch of this.watchers) watch();
    });
    socket.on('error', () => undefined);
  }

  static async open(broker: Pick<Broker, 'origin' | 'url'>, signer: Signer): Promise<TestChannel> {
    const authorization = await proofFor(broker, signer, 'GET', '/v1/channel');
    const socket = new WebSocket(`${broker.url.replace('http', 'ws')}/v1/channel`, { headers: { authorization } });
    const channel = new TestChannel(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('unexpected-response', (_request, response) => reject(new Error(`status ${response.statusCode}`)));
      socket.once('error', reject);
    });
    return channel;
  }

  /** Does this for each frame, those that came before included. */
  onFrame(take: (frame: Frame) => void): void {
    let taken = 0;
    const watch = () => {
      for (const frame of this.frames.slice(taken)) take(frame);
      taken = this.frames.length;
    };
    this.watchers.add(watch);
    watch();
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** The first frame that fits, waiting for it if it has not come yet. */
  async next(fits: (frame: Frame) => boolean, within = 20_000): Promise<Frame> {
    await this.until(() => this.frames.some(fits), within);
    return this.frames.find(fits) as Frame;
  }

  async untilClosed(within = 20_000): Promise<{ code: number; why: string }> {
    await this.until(() => this.closed !== undefined, within);
    return this.closed as { code: number; why: string };
  }

  close(): void {
    this.socket.terminate();
  }

  private until(holds: () => boolean, within: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.watchers.delete(look);
        reject(new Error(`not within ${within} ms; got ${this.frames.map((frame) => frame.t).join(', ')}`));
      }, within);
      const look = () => {
        if (!holds()) return;
        clearTimeout(timer);
        this.watchers.delete(look);
        resolve();
      };
      this.watchers.add(look);
      look();
    });
  }
}

/** Waits until it holds, at most 30 s. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end; await wait(20)) if (await holds()) return;
  throw new Error('it did not come true within 30 s');
}
