import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createSecure } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { makeLeaf } from '@interlock/company-side';
import { newPrivateKey } from '@interlock/proof';
import { afterEach, describe, expect, it } from '@jest/globals';
import { boundStrangers, type StrangersBound } from './bound-strangers.js';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listening(server: Server, bound: StrangersBound): Promise<number> {
  boundStrangers(server, bound);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
const plain = (bound: StrangersBound) =>
  listening(
    createServer((request, response) => {
      request.resume().once('end', () => response.end('here'));
    }),
    bound,
  );
async function secure(bound: StrangersBound): Promise<number> {
  const leaf = await makeLeaf(newPrivateKey('P-256'), Date.now());
  return listening(
    createSecure(leaf, (_request, response) => response.end('here')),
    bound,
  );
}

/** Sends one byte after the other, each well within any time that starts anew with a byte; a head that is complete goes at once. */
function dripping(port: number, bytes: Buffer): { readonly socket: Socket; readonly gone: Promise<unknown> } {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  const end = bytes.indexOf('\r\n\r\n');
  let at = end < 0 ? 0 : end + 4;
  socket.write(bytes.subarray(0, at));
  const drip = setInterval(() => {
    if (at < bytes.length) socket.write(bytes.subarray(at, ++at));
  }, 20);
  closers.push(() => {
    clearInterval(drip);
    socket.destroy();
  });
  return { socket, gone: new Promise((done) => socket.once('close', done)) };
}
const asked = async (port: number) => (await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: '{}' })).text();
const HEAD = Buffer.from(`POST / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(2_000)}`);
const BODY = Buffer.from(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2000\r\n\r\n${'x'.repeat(1_000)}`);
/** What every ClientHello begins with: a record of which the rest does not come. */
const HELLO = Buffer.concat([Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]), Buffer.alloc(400, 7)]);

describe('a connection that asks for nothing', () => {
  it.each([
    ['says nothing', plain, Buffer.alloc(0), 'head'],
    ['sends its head byte by byte', plain, HEAD, 'head'],
    ['sends its body byte by byte, where that counts', plain, BODY, 'whole'],
    ['says nothing to a door with TLS', secure, Buffer.alloc(0), 'head'],
    ['sends its handshake byte by byte', secure, HELLO, 'head'],
  ] as const)('and %s is hung up on', async (_what, open, bytes, count) => {
    const port = await open({ most: 10, withinMs: 300, asked: count });
    await dripping(port, bytes).gone;
  });

  it('makes room for whoever comes with a question, however many there are', async () => {
    const port = await plain({ most: 8, withinMs: 60_000, asked: 'whole' });
    const held = Array.from({ length: 60 }, (_, at) => dripping(port, at % 2 ? BODY : HEAD));
    await Promise.all(held.slice(0, 50).map(({ gone }) => gone));
    expect(await asked(port)).toBe('here');
    expect(held.filter(({ socket }) => !socket.destroyed).length).toBeLessThanOrEqual(8);
  });

  it('is one no longer when it has asked', async () => {
    const port = await plain({ most: 10, withinMs: 200, asked: 'head' });
    const slow = connect(port, '127.0.0.1').on('error', () => undefined);
    closers.push(() => slow.destroy());
    slow.write(BODY.subarray(0, BODY.indexOf('\r\n\r\n') + 4));
    await dripping(port, Buffer.alloc(0)).gone;
    expect(slow.destroyed).toBe(false);
  });
});
