import { createHash, randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { parseLocalId } from '@interlock/domain';
import { describe, expect, it } from '@jest/globals';
import { aMachine, anIdentity, aRelay, aSession, granted, Opened, until } from './tunnel-world.js';

const SSH = parseLocalId('ssh')!;
const MB = 1 << 20;

async function twoEnds(opened: Opened, serve: Parameters<typeof aMachine>[1]) {
  const { address: relay } = await aRelay(opened);
  const machine = await aMachine(opened, serve);
  const [gateway, connector] = [await anIdentity('P-256'), await anIdentity('Ed25519')];
  return { ...(await aSession(opened, { relay, gateway, connector, machine: machine.address })), machine };
}

async function digestOf(stream: Duplex): Promise<string> {
  const hash = createHash('sha256');
  stream.on('data', (chunk) => hash.update(chunk));
  await once(stream, 'end');
  return hash.digest('hex');
}

/** Writes as fast as the stream takes it; resolves to the digest of what was written. */
async function pour(stream: Duplex, bytes: number): Promise<string> {
  const hash = createHash('sha256');
  const chunk = randomFillSync(Buffer.alloc(MB));
  for (let sent = 0; sent < bytes; sent += chunk.length) {
    chunk.writeUInt32BE(sent, 0);
    const part = Buffer.from(chunk);
    hash.update(part);
    if (!stream.write(part)) await once(stream, 'drain');
  }
  stream.end();
  return hash.digest('hex');
}

describe('streams of a session', () => {
  it('carry 64 MB both ways at once, unchanged', async () => {
    await using opened = new Opened();
    let atMachine = '';
    let fromMachine = '';
    const { connector } = await twoEnds(opened, (socket) => {
      void digestOf(socket).then((digest) => (atMachine = digest));
      void pour(socket, 64 * MB).then((digest) => (fromMachine = digest));
    });
    const stream = granted(await connector.openStream(SSH));
    const [received, sent] = await Promise.all([digestOf(stream), pour(stream, 64 * MB)]);
    await until(() => atMachine !== '' && fromMachine !== '');
    expect(received).toBe(fromMachine);
    expect(atMachine).toBe(sent);
  }, 60_000);

  it('may end one way and go on the other', async () => {
    await using opened = new Opened();
    const { connector } = await twoEnds(opened, (socket) => {
      const parts: Buffer[] = [];
      socket.on('data', (part) => parts.push(part));
      socket.on('end', () => socket.end(`heard ${Buffer.concat(parts).toString()}`));
    });
    const stream = granted(await connector.openStream(SSH));
    stream.end('question');
    let answer = '';
    stream.on('data', (part) => (answer += part));
    await once(stream, 'end');
    expect(answer).toBe('heard question');
  });

  it('let the machine speak first', async () => {
    await using opened = new Opened();
    const { connector } = await twoEnds(opened, (socket) => socket.write('SSH-2.0-press\r\n'));
    const stream = granted(await connector.openStream(SSH));
    const [banner] = await once(stream, 'data');
    expect(banner.toString()).toBe('SSH-2.0-press\r\n');
  });

  it('are slowed by their own reader alone', async () => {
    await using opened = new Opened();
    let written = 0;
    let stalled = true;
    const { connector } = await twoEnds(opened, (socket) => {
      socket.once('data', (asked) => {
        if (asked.toString() === 'flood') {
          const chunk = Buffer.alloc(MB);
          const more = () => {
            while (socket.write(chunk, () => (written += chunk.length)));
            socket.once('drain', more);
          };
          more();
        } else void pour(socket, 32 * MB);
      });
    });
    const slow = granted(await connector.openStream(SSH));
    const quick = granted(await connector.openStream(SSH));
    slow.pause();
    slow.write('flood');
    // The sender is held once kernel and tunnel buffers are full: its count stops while the other stream goes on.
    quick.write('some');
    const before = await digestOf(quick);
    const heldAt = written;
    const again = granted(await connector.openStream(SSH));
    again.write('some');
    await digestOf(again);
    stalled = written === heldAt;
    expect(before).toHaveLength(64);
    expect(stalled).toBe(true);
    expect(written).toBeLessThan(64 * MB);
  }, 30_000);

  it('reach only the machine the gateway names, and report why not', async () => {
    await using opened = new Opened();
    const { address: relay } = await aRelay(opened);
    const machine = await aMachine(opened, () => undefined);
    const [gateway, connector] = [await anIdentity(), await anIdentity()];
    const parts = { relay, gateway, connector, machine: { host: '127.0.0.1', port: 1 } };
    const session = await aSession(opened, {
      ...parts,
      offer: {
        onOpen: async (service) =>
          service === 'ssh'
            ? { allowed: true, value: parts.machine }
            : { allowed: false, refusal: { code: 'action_not_agreed', clause: 'services' } },
      },
    });
    const unreachable = await session.connector.openStream(SSH);
    expect(unreachable).toEqual({ allowed: false, refusal: { code: 'service_unreachable' } });
    const refused = await session.connector.openStream(parseLocalId('10.0.0.1')!);
    expect(refused).toEqual({ allowed: false, refusal: { code: 'action_not_agreed', clause: 'services' } });
    expect(machine.accepted()).toBe(0);
    await until(() => session.gateway.streams === 0);
  });
});
