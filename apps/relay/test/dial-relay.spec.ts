import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { dialRelay, type HttpProxy, type RelayAddress } from '@interlock/company-side';
import { describe, expect, it } from '@jest/globals';
import { aRelay, aRendezvous, codeOf, granted, Opened } from './tunnel-world.js';

async function listening(opened: Opened, server: Server): Promise<RelayAddress> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.later(() => server.close());
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

/** An HTTP proxy that lets CONNECT through, and records what it was asked. */
async function aProxy(opened: Opened, status = 200): Promise<{ proxy: HttpProxy; asked: string[] }> {
  const asked: string[] = [];
  const server = createHttpServer();
  server.on('connect', (request, near) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`);
    if (status !== 200) return near.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const [host, port] = (request.url ?? '').split(':');
    const far = connect(Number(port), host);
    far.on('error', () => near.destroy());
    near.on('error', () => far.destroy()).write('HTTP/1.1 200 Connection established\r\n\r\n');
    opened.later(() => [near.destroy(), far.destroy()]);
    return near.pipe(far).pipe(near);
  });
  return { proxy: { ...(await listening(opened, server)), authorization: 'Basic dGVzdA==' }, asked };
}

describe('dialling a relay', () => {
  it('works through an HTTP proxy, and long after the proxy answered', async () => {
    await using opened = new Opened();
    const { address } = await aRelay(opened);
    const { proxy, asked } = await aProxy(opened);
    const call = { ...address, rendezvous: aRendezvous(), stream: 0 };
    const gateway = dialRelay({ ...call, role: 'gateway' });
    const connector = granted(await dialRelay({ ...call, role: 'connector', proxy, connectMs: 300 }));
    const peer = granted(await gateway);
    opened.later(() => [connector.destroy(), peer.destroy()]);
    // The deadline of the dial must not reach into the life of the stream.
    await once(AbortSignal.timeout(400), 'abort');
    connector.write('through');
    expect((await once(peer.resume(), 'data')).toString()).toBe('through');
    expect(asked).toEqual([`127.0.0.1:${address.port} Basic dGVzdA==`]);
  });

  it('hands over what came with the answer', async () => {
    await using opened = new Opened();
    const server = createServer((socket) => socket.once('data', () => socket.write('{"ok":true}\nhandshake')));
    const call = { ...(await listening(opened, server)), rendezvous: aRendezvous(), stream: 0 };
    const socket = granted(await dialRelay({ ...call, role: 'gateway' }));
    expect((await once(socket.resume(), 'data')).toString()).toBe('handshake');
    socket.destroy();
  });

  it.each([
    ['garbage', 'SSH-2.0-other\r\n'],
    ['an endless line', 'x'.repeat(10_000)],
    ['a yes with more in it', '{"ok":true,"key":"mine"}\n'],
    ['an unknown code', '{"ok":false,"code":"come_in"}\n'],
  ])('does not believe %s', async (_what, answer) => {
    await using opened = new Opened();
    const server = createServer((socket) => socket.on('error', () => undefined).write(answer));
    const call = { ...(await listening(opened, server)), rendezvous: aRendezvous(), stream: 0 };
    expect(codeOf(await dialRelay({ ...call, role: 'gateway' }))).toBe('relay_unreachable');
  });

  it('gives up where nobody answers, the proxy refuses, or it is called off', async () => {
    await using opened = new Opened();
    const silent = await listening(opened, createServer({ pauseOnConnect: true }));
    const call = { rendezvous: aRendezvous(), stream: 0, role: 'gateway' as const };
    expect(codeOf(await dialRelay({ ...call, ...silent, waitMs: 100 }))).toBe('relay_unreachable');
    expect(codeOf(await dialRelay({ ...call, host: '127.0.0.1', port: 1 }))).toBe('relay_unreachable');
    const { proxy } = await aProxy(opened, 407);
    const refused = await dialRelay({ ...call, ...silent, proxy });
    expect(refused).toMatchObject({ refusal: { code: 'relay_unreachable', detail: 'the proxy answered 407' } });
    const signal = AbortSignal.timeout(100);
    expect(codeOf(await dialRelay({ ...call, ...silent, signal }))).toBe('relay_unreachable');
  });

  it('passes the relay’s own refusal on', async () => {
    await using opened = new Opened();
    const { address } = await aRelay(opened, { partnerMs: 100 });
    const call = { ...address, rendezvous: aRendezvous(), stream: 0, role: 'gateway' as const };
    expect(codeOf(await dialRelay(call))).toBe('relay_partner_absent');
  });
});
