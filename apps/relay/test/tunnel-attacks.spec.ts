import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket, connect as tlsConnect } from 'node:tls';
import { dialRelay, type RelayAddress, type StreamPlace, StreamTruncated } from '@interlock/company-side';
import { allow, parseLocalId } from '@interlock/domain';
import { describe, expect, it } from '@jest/globals';
import { drip, gatewayMetBy, secured } from './played-connector.js';
import {
  aMachine,
  anIdentity,
  aReceipt,
  aRelay,
  aSession,
  bothEnds,
  codeOf,
  granted,
  type Identity,
  Opened,
  until,
} from './tunnel-world.js';

const SSH = parseLocalId('ssh')!;
const echo = (socket: Socket) => socket.pipe(socket);

async function aWorld(opened: Opened) {
  const { address: relay } = await aRelay(opened);
  const machine = await aMachine(opened, echo);
  const [gateway, connector, stranger] = [await anIdentity(), await anIdentity(), await anIdentity()];
  return { relay, machine, gateway, connector, stranger };
}

async function stillWorks(stream: Duplex): Promise<void> {
  stream.write('alive');
  const [answer] = await once(stream, 'data');
  expect(answer.toString()).toBe('alive');
}

describe('a peer with another key', () => {
  it('gets no hello as a gateway', async () => {
    await using opened = new Opened();
    const world = await aWorld(opened);
    const { gateway, connector } = bothEnds(opened, {
      ...world,
      machine: world.machine.address,
      offer: { tls: world.stranger.leaf },
    });
    expect(codeOf(await connector)).toBe('peer_key_mismatch');
    expect(codeOf(await gateway.opened)).not.toBe('allowed');
  });

  it('gets no decision as a connector', async () => {
    await using opened = new Opened();
    const world = await aWorld(opened);
    let asked = 0;
    const { gateway, connector } = bothEnds(opened, {
      ...world,
      machine: world.machine.address,
      offer: {
        onHello: async () => {
          asked += 1;
          return { allowed: false, refusal: { code: 'outside_window' } };
        },
      },
      request: { tls: world.stranger.leaf },
    });
    expect(codeOf(await gateway.opened)).toBe('peer_key_mismatch');
    expect(codeOf(await connector)).not.toBe('allowed');
    expect(asked).toBe(0);
  });

  it('is refused without any key', async () => {
    await using opened = new Opened();
    const world = await aWorld(opened);
    const { gateway, raw, hellos } = await gatewayMetBy(opened, world);
    await secured(raw, undefined);
    expect(codeOf(await gateway.opened)).toBe('peer_key_missing');
    expect(hellos()).toBe(0);
  });

  it.each([
    ['of another stream', (place: StreamPlace) => ({ ...place, stream: 1 })],
    ['of another session', (place: StreamPlace) => ({ ...place, rendezvous: `${place.rendezvous}x` })],
    ['of no place at all', () => undefined],
  ])('is refused with the right key on a connection that a relay took from the end %s', async (_, elsewhere) => {
    await using opened = new Opened();
    const world = await aWorld(opened);
    const { gateway, raw, place, hellos } = await gatewayMetBy(opened, world);
    await secured(raw, world.connector, elsewhere(place));
    expect(codeOf(await gateway.opened)).toBe('stream_misplaced');
    expect(hellos()).toBe(0);
  });

  it('is refused though the right certificate stands behind its own', async () => {
    await using opened = new Opened();
    const world = await aWorld(opened);
    const { key, cert } = world.stranger.leaf;
    const posing = { ...world.stranger, leaf: { key, cert: `${cert}\n${world.connector.leaf.cert}` } };
    const { gateway, raw } = await gatewayMetBy(opened, world);
    await secured(raw, posing);
    expect(codeOf(await gateway.opened)).toBe('peer_key_mismatch');
  });

  it('is refused on a data stream, and the session goes on', async () => {
    await using opened = new Opened();
    const world = await aWorld(opened);
    const session = bothEnds(opened, { ...world, machine: world.machine.address });
    const connector = granted(await session.connector);
    const good = granted(await connector.openStream(SSH));
    const before = world.machine.accepted();
    const second = { ...world.relay, rendezvous: session.rendezvous, stream: 2, role: 'connector' as const };
    const raw = dialRelay(second);
    const opening = connector.openStream(SSH);
    await secured(granted(await raw), world.stranger);
    expect(codeOf(await opening)).not.toBe('allowed');
    await until(() => world.machine.sockets.size === before);
    await stillWorks(good);
  });
});

/** A relay that answers both ends itself, with its own key, and keeps whatever it can read. */
async function aTerminatingRelay(opened: Opened, posing: Identity) {
  const read: Buffer[] = [];
  const server = createServer((raw) => {
    raw.on('error', () => undefined);
    raw.once('data', (line) => {
      const { role } = JSON.parse(line.toString());
      raw.write('{"ok":true}\n');
      const own = { ...posing.leaf, rejectUnauthorized: false };
      const tls =
        role === 'connector'
          ? new TLSSocket(raw, { ...own, isServer: true, requestCert: true })
          : tlsConnect({ ...own, socket: raw });
      tls.on('error', () => undefined).on('data', (chunk: Buffer) => read.push(chunk));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.later(() => server.close());
  return { address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port }, read };
}

describe('a relay', () => {
  it('that ends TLS in the middle reads nothing and joins nothing', async () => {
    await using opened = new Opened();
    const world = await aWorld(opened);
    const relay = await aTerminatingRelay(opened, world.stranger);
    const { gateway, connector } = bothEnds(opened, { ...world, relay: relay.address, machine: world.machine.address });
    expect(codeOf(await connector)).toBe('peer_key_mismatch');
    expect(codeOf(await gateway.opened)).toBe('peer_key_mismatch');
    expect(Buffer.concat(relay.read)).toHaveLength(0);
    expect(world.machine.accepted()).toBe(0);
  });

  it('cannot make half a file look whole', async () => {
    await using opened = new Opened();
    const world = await aWorld(opened);
    const machine = await aMachine(opened, (socket) => socket.end(Buffer.alloc(4 << 20)));
    const cutting = await aCuttingWay(opened, world.relay, 1 << 20);
    const session = await aSession(opened, {
      ...world,
      machine: machine.address,
      request: { relay: cutting, limits: { confirmMs: 200 } },
    });
    const stream = granted(await session.connector.openStream(SSH));
    let ended = false;
    stream.on('end', () => (ended = true)).resume();
    const [fault] = await once(stream, 'error');
    expect(fault).toBeInstanceOf(StreamTruncated);
    expect(ended).toBe(false);
  });
});

/** A way to the relay that ends data streams cleanly after some bytes, as an attacker on the path would. */
async function aCuttingWay(opened: Opened, relay: RelayAddress, after: number): Promise<RelayAddress> {
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ ...relay, allowHalfOpen: true });
    let data = false;
    let passed = 0;
    near.once('data', (line) => (data = JSON.parse(line.toString()).stream > 0));
    near.on('error', () => far.destroy()).on('data', (chunk) => far.write(chunk));
    far
      .on('error', () => near.destroy())
      .on('data', (chunk) => {
        passed += chunk.length;
        if (data && passed > after) near.end();
        else near.write(chunk);
      });
    opened.later(() => [near.destroy(), far.destroy()]);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.later(() => server.close());
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

const HELLO = `${JSON.stringify({ t: 'hello', v: 1, ticket: 'a', loginProof: null })}\n`;

const RECEIPT = `${JSON.stringify({ t: 'receipt', receipt: aReceipt('opening', 'connector') })}\n`;

describe('what a connector says is bounded and checked before it means anything', () => {
  it.each([
    ['garbage before the handshake', 'raw', 'garbage\n'.repeat(40), 'handshake_failed'],
    ['plain HTTP', 'raw', 'GET / HTTP/1.1\r\nhost: press\r\n\r\n', 'handshake_failed'],
    ['no handshake', 'raw', '', 'handshake_late'],
    [
      'a handshake that drips',
      'raw drip',
      `\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03${'x'.repeat(400)}`,
      'handshake_late',
    ],
    ['a hello that drips', 'tls drip', 'x'.repeat(400), 'hello_late'],
    ['no hello', 'tls', '', 'hello_late'],
    ['a stream before the hello', 'tls', '{"t":"open","stream":1,"service":"ssh"}\n', 'hello_expected'],
    ['a receipt before the hello', 'tls', RECEIPT, 'hello_expected'],
    ['a frame that is no JSON', 'tls', 'hello\n', 'frame_malformed'],
    ['a frame of an unknown kind', 'tls', '{"t":"become-root"}\n', 'frame_unknown'],
    ['an endless frame', 'tls', 'x'.repeat(20_000), 'frame_too_long'],
    ['a hello with one field more', 'tls', HELLO.replace('"v":1', '"v":1,"admin":true'), 'frame_malformed'],
    ['two hellos', 'tls', HELLO + HELLO, 'hello_repeated'],
  ])('%s', async (_what, level, bytes, code) => {
    await using opened = new Opened();
    const world = await aWorld(opened);
    const bystander = await aSession(opened, { ...world, machine: world.machine.address });
    const stream = granted(await bystander.connector.openStream(SSH));
    const limits = { handshakeMs: 300, helloMs: 300 };
    const { gateway, raw, place } = await gatewayMetBy(opened, world, { limits });
    const on = level.startsWith('tls') ? await secured(raw, world.connector, place) : raw;
    if (level.endsWith('drip')) drip(on, Buffer.from(bytes, 'latin1'));
    else on.write(bytes);
    expect((await gateway.closed).code).toBe(code);
    expect(world.machine.accepted()).toBe(1);
    await stillWorks(stream);
  });

  it('a refused hello opens nothing, and says why', async () => {
    await using opened = new Opened();
    const world = await aWorld(opened);
    const refusing = async () => ({ allowed: false as const, refusal: { code: 'outside_window', clause: 'window' } });
    const parts = { ...world, machine: world.machine.address, offer: { onHello: refusing } };
    const { gateway, connector } = bothEnds(opened, parts);
    expect(await connector).toEqual({ allowed: false, refusal: { code: 'outside_window', clause: 'window' } });
    await gateway.finished;
    expect(world.machine.accepted()).toBe(0);
  });

  it('a hello still being decided opens nothing', async () => {
    await using opened = new Opened();
    const world = await aWorld(opened);
    let decide: (word: unknown) => void = () => undefined;
    const pending = new Promise((resolve) => (decide = resolve));
    const { gateway, raw, place } = await gatewayMetBy(opened, world, {
      onHello: async () => {
        await pending;
        return { allowed: false, refusal: { code: 'outside_window' } };
      },
    });
    const tls = await secured(raw, world.connector, place);
    tls.write(`${HELLO}{"t":"open","stream":1,"service":"ssh"}\n`);
    expect((await gateway.closed).code).toBe('hello_expected');
    decide(allow(undefined));
    await gateway.finished;
    expect(world.machine.accepted()).toBe(0);
  });
});
