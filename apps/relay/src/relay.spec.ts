import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { Opened, SETTINGS, until } from '../test/tunnel-world.js';
import { Relay, type RelaySettings } from './relay.js';

interface Dialer {
  readonly socket: Socket;
  /** Everything the relay said so far. */
  heard(): string;
  readonly closed: Promise<unknown>;
}

async function aRelay(opened: Opened, settings: Partial<RelaySettings> = {}) {
  const relay = new Relay({ ...SETTINGS, ...settings });
  const port = await relay.start();
  opened.later(() => relay.stop());
  const dial = async (first = ''): Promise<Dialer> => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => undefined);
    opened.later(() => socket.destroy());
    let heard = '';
    socket.on('data', (chunk) => (heard += chunk.toString('latin1')));
    const closed = new Promise((resolve) => socket.once('end', resolve).once('close', resolve));
    await once(socket, 'connect');
    if (first) socket.write(first);
    return { socket, heard: () => heard, closed };
  };
  return { relay, dial };
}

const place = () => randomBytes(16).toString('base64url');
const line = (rendezvous: string, role: string, stream = 0) =>
  `${JSON.stringify({ v: 1, rendezvous, stream, role })}\n`;
const OK = '{"ok":true}\n';

describe('the relay', () => {
  it('joins two ends of one place and keeps their half-closes apart', async () => {
    await using opened = new Opened();
    const { relay, dial } = await aRelay(opened);
    const at = place();
    const gateway = await dial(line(at, 'gateway'));
    await until(() => relay.counts.places === 1);
    const connector = await dial(line(at, 'connector'));
    await until(() => gateway.heard() === OK && connector.heard() === OK);
    connector.socket.end('ciphertext');
    await gateway.closed;
    expect(gateway.heard()).toBe(`${OK}ciphertext`);
    gateway.socket.end('answer');
    await connector.closed;
    expect(connector.heard()).toBe(`${OK}answer`);
    await until(() => relay.counts.connections === 0);
    expect(relay.counts).toEqual({ waiting: 0, pairs: 0, addresses: 0, places: 0, connections: 0 });
  });

  it('keeps streams, roles and places apart', async () => {
    await using opened = new Opened();
    const { relay, dial } = await aRelay(opened);
    const at = place();
    const guests = [
      await dial(line(at, 'gateway', 0)),
      await dial(line(at, 'gateway', 1)),
      await dial(line(place(), 'connector', 0)),
    ];
    await until(() => relay.counts.places === 3);
    const again = await dial(line(at, 'gateway', 1));
    await again.closed;
    expect(JSON.parse(again.heard()).code).toBe('relay_role_taken');
    expect(guests.map((guest) => guest.heard())).toEqual(['', '', '']);
  });

  it('never lets a partner meet an end that went away', async () => {
    await using opened = new Opened();
    const { relay, dial } = await aRelay(opened);
    const at = place();
    const gone = await dial(line(at, 'gateway'));
    await until(() => relay.counts.places === 1);
    gone.socket.end();
    await until(() => relay.counts.places === 0);
    const gateway = await dial(line(at, 'gateway'));
    const connector = await dial(line(at, 'connector'));
    await until(() => gateway.heard() === OK && connector.heard() === OK);
  });

  it('ends both when one is reset', async () => {
    await using opened = new Opened();
    const { relay, dial } = await aRelay(opened);
    const at = place();
    const gateway = await dial(line(at, 'gateway'));
    const connector = await dial(line(at, 'connector'));
    await until(() => connector.heard() === OK && gateway.heard() === OK);
    connector.socket.resetAndDestroy();
    await gateway.closed;
    await until(() => relay.counts.pairs === 0);
  });

  it.each([
    ['garbage', 'GET / HTTP/1.1\r\n\r\n', 'relay_request_malformed'],
    ['a TLS hello', Buffer.from('16030100f40100\n', 'latin1').toString(), 'relay_request_malformed'],
    ['a short rendezvous', line('x'.repeat(21), 'gateway'), 'relay_request_malformed'],
    ['a stream number out of range', line(place(), 'gateway', 65_536), 'relay_request_malformed'],
    ['an unknown role', line(place(), 'operator'), 'relay_request_malformed'],
    [
      'one field more',
      `{"v":1,"rendezvous":"${place()}","stream":0,"role":"gateway","to":"x"}\n`,
      'relay_request_malformed',
    ],
    ['an endless line', 'x'.repeat(100_000), 'relay_request_too_long'],
    ['a line and more', `${line(place(), 'gateway')}early`, 'relay_spoke_too_early'],
    ['nothing', '', 'relay_request_late'],
    ['half a line', '{"v":1,', 'relay_request_late'],
    ['no partner', line(place(), 'gateway'), 'relay_partner_absent'],
  ])('answers %s with a code and hangs up', async (_what, first, code) => {
    await using opened = new Opened();
    const { relay, dial } = await aRelay(opened, { requestMs: 200, partnerMs: 200 });
    const dialer = await dial(first);
    await dialer.closed;
    const answer = JSON.parse(dialer.heard());
    expect(answer).toMatchObject({ ok: false, code });
    expect(answer.say).toMatch(/\w+ \w+/);
    dialer.socket.destroy();
    await until(() => relay.counts.connections === 0);
  });

  it('refuses who speaks while waiting', async () => {
    await using opened = new Opened();
    const { relay, dial } = await aRelay(opened);
    const early = await dial(line(place(), 'gateway'));
    await until(() => relay.counts.places === 1);
    early.socket.write('x');
    await early.closed;
    expect(JSON.parse(early.heard()).code).toBe('relay_spoke_too_early');
  });

  it('ends a silent pair only where a limit is set', async () => {
    await using opened = new Opened();
    const { dial } = await aRelay(opened, { idleMs: 100 });
    const at = place();
    const pair = [await dial(line(at, 'gateway')), await dial(line(at, 'connector'))];
    await Promise.all(pair.map((end) => end.closed));
  });

  it('bounds 10,000 connections without a partner, and carries the others on', async () => {
    await using opened = new Opened();
    const { relay, dial } = await aRelay(opened, {
      waiting: 256,
      waitingPerAddress: 128,
      requestMs: 60_000,
      partnerMs: 60_000,
    });
    const at = place();
    const gateway = await dial(line(at, 'gateway'));
    const connector = await dial(line(at, 'connector'));
    await until(() => connector.heard() === OK && gateway.heard() === OK);
    const before = process.memoryUsage().rss;
    let highest = 0;
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(Array.from({ length: 500 }, () => dial(round % 2 ? '' : line(place(), 'gateway'))));
      highest = Math.max(highest, relay.counts.waiting);
    }
    expect(highest).toBe(128);
    connector.socket.write('still here');
    await until(() => gateway.heard() === `${OK}still here`);
    // The dialers live in this process too: 10,000 of them with their sockets.
    expect((process.memoryUsage().rss - before) / 10_000).toBeLessThan(40_000);
    // Farewells are bounded as well: once those before are through, the next one is told why again.
    await until(() => relay.counts.connections <= 130, 10_000);
    const refused = await dial(line(place(), 'gateway'));
    await refused.closed;
    expect(JSON.parse(refused.heard()).code).toBe('relay_full_for_address');
  }, 60_000);
});
