import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { readInPlace } from './read-in-place.js';
import { reset, splice } from './splice.js';

/** A connected pair of TCP sockets on loopback, half-open allowed. */
async function aPair(): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  const [far] = (await once(server, 'connection')) as [Socket];
  server.close();
  for (const socket of [near, far]) socket.on('error', () => undefined);
  return [near, far];
}

/** Two ends with a splice between them. */
async function aSplice(onBytes?: (bytes: number) => void) {
  const [left, a] = await aPair();
  const [right, b] = await aPair();
  splice(a, b, onBytes ? { onBytes } : {});
  return { left, right, middle: [a, b] as const };
}

/** Digest of everything until the end; a hesitant reader stops after every chunk. */
async function digestOf(stream: Duplex, reader: 'eager' | 'hesitant'): Promise<string> {
  const hash = createHash('sha256');
  stream.on('data', (chunk) => {
    hash.update(chunk);
    if (reader === 'eager') return;
    stream.pause();
    setImmediate(() => stream.resume());
  });
  await once(stream, 'end');
  return hash.digest('hex');
}

describe('a splice', () => {
  it('can read a plain socket of this Node in place', async () => {
    const [near, far] = await aPair();
    expect(readInPlace(far, () => true)).toBe(true);
    expect(readInPlace(far, () => true)).toBe(false);
    expect(readInPlace(new PassThrough(), () => true)).toBe(false);
    near.destroy();
    far.destroy();
  });

  it.each(['eager', 'hesitant'] as const)('passes odd pieces both ways unchanged to an %s reader', async (reader) => {
    let counted = 0;
    const { left, right } = await aSplice((bytes) => (counted += bytes));
    const sent = [createHash('sha256'), createHash('sha256')] as const;
    let total = 0;
    const pour = async (socket: Socket, hash: (typeof sent)[number]) => {
      for (let piece = 0; piece < 300; piece += 1) {
        const bytes = randomBytes(1 + ((piece * 7_919) % 150_000));
        total += bytes.length;
        hash.update(bytes);
        if (!socket.write(bytes)) await once(socket, 'drain');
      }
      socket.end();
    };
    const [atRight, atLeft] = await Promise.all([
      digestOf(right, reader),
      digestOf(left, reader),
      pour(left, sent[0]),
      pour(right, sent[1]),
    ]);
    expect(atRight).toBe(sent[0].digest('hex'));
    expect(atLeft).toBe(sent[1].digest('hex'));
    expect(counted).toBe(total);
  });

  it('works on streams that are no sockets', async () => {
    const [left, a] = await aPair();
    const other = new PassThrough();
    splice(a, Duplex.from({ readable: new PassThrough().end('from the stream'), writable: other }));
    left.end('from the socket');
    const [heard] = await Promise.all([once(left, 'data'), once(other, 'data')]);
    expect(heard.toString()).toBe('from the stream');
    left.destroy();
  });

  it('gives what was read before it was made', async () => {
    const [left, a] = await aPair();
    const [right, b] = await aPair();
    left.write('early');
    a.resume().pause();
    await once(a, 'readable');
    splice(a, b);
    right.resume();
    const [heard] = await once(right, 'data');
    expect(heard.toString()).toBe('early');
    for (const socket of [left, right]) socket.destroy();
  });

  it('resets the other side when one is reset', async () => {
    const { left, right } = await aSplice();
    const fault = once(right.resume(), 'error').catch((cause) => [cause]);
    reset(left);
    const [cause] = (await fault) as [NodeJS.ErrnoException];
    expect(cause.code).toBe('ECONNRESET');
  });
});
