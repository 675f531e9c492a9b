import { once } from 'node:events';
import type { Socket } from 'node:net';
import { allow, parseLocalId } from '@interlock/domain';
import { describe, expect, it } from '@jest/globals';
import { aMachine, anIdentity, aReceipt, aRelay, aSession, bothEnds, granted, Opened, until } from './tunnel-world.js';

const SSH = parseLocalId('ssh')!;

async function aWorld(opened: Opened, serve: (socket: Socket) => void) {
  const { address: relay } = await aRelay(opened);
  const machine = await aMachine(opened, serve);
  return { relay, machine, gateway: await anIdentity(), connector: await anIdentity() };
}

/** Sends as long as anybody takes it. */
function flood(socket: Socket): void {
  const chunk = Buffer.alloc(16_384);
  const more = () => {
    while (socket.writable && socket.write(chunk));
    socket.once('drain', more);
  };
  more();
}

describe('a cut', () => {
  it('ends 100 sessions in one step, and each connector learns why', async () => {
    await using opened = new Opened();
    const world = await aWorld(opened, (socket) => socket.pipe(socket));
    const parts = { ...world, machine: world.machine.address };
    const sessions = await Promise.all(Array.from({ length: 100 }, () => aSession(opened, parts)));
    const streams = await Promise.all(sessions.map(async (s) => granted(await s.connector.openStream(SSH))));
    for (const stream of streams) stream.resume().write('alive');
    await until(() => world.machine.sockets.size === 100);

    const began = performance.now();
    for (const { gateway } of sessions) gateway.close('taken_away');
    const inOneStep = performance.now() - began;
    await until(() => world.machine.sockets.size === 0);
    const machinesFree = performance.now() - began;
    const words = await Promise.all(sessions.map((s) => s.connector.closed));
    expect(new Set(words.map((word) => word.code))).toEqual(new Set(['taken_away']));
    expect(streams.every((stream) => stream.destroyed)).toBe(true);
    // Bars with room for a busy machine; the bench measures.
    expect(inOneStep).toBeLessThan(250);
    expect(machinesFree).toBeLessThan(2_000);
  }, 60_000);

  it('delivers nothing of what was queued for a reader that had stopped', async () => {
    await using opened = new Opened();
    const world = await aWorld(opened, flood);
    const session = await aSession(opened, { ...world, machine: world.machine.address });
    const stream = granted(await session.connector.openStream(SSH));
    await once(stream, 'readable');
    let received = 0;
    session.gateway.close('lease_over');
    await session.connector.closed;
    stream.on('data', (chunk: Buffer) => (received += chunk.length));
    await until(() => stream.closed);
    expect(received).toBe(0);
  });

  it('reaches the machine as a reset, never as a clean end', async () => {
    await using opened = new Opened();
    const faults: string[] = [];
    const ends: string[] = [];
    const world = await aWorld(opened, (socket) => {
      socket.on('error', (fault: NodeJS.ErrnoException) => faults.push(fault.code ?? ''));
      socket.on('end', () => ends.push('end')).resume();
    });
    const session = await aSession(opened, { ...world, machine: world.machine.address });
    granted(await session.connector.openStream(SSH)).write('half a command');
    session.gateway.close('window_over');
    await until(() => faults.length === 1);
    expect(faults).toEqual(['ECONNRESET']);
    expect(ends).toEqual([]);
  });

  it('does not wait for the closing receipt, which is exchanged after it', async () => {
    await using opened = new Opened();
    const world = await aWorld(opened, flood);
    let sign: () => void = () => undefined;
    const signing = new Promise<void>((resolve) => (sign = resolve));
    const atGateway: string[] = [];
    const { gateway, connector } = bothEnds(opened, {
      ...world,
      machine: world.machine.address,
      offer: {
        onReceipt: (receipt) => atGateway.push(receipt.document.moment),
        closingReceipt: async (end) => {
          await signing;
          return aReceipt('closing', 'gateway', end.bytes);
        },
      },
      request: { closingReceipt: async () => aReceipt('closing', 'connector') },
    });
    const session = granted(await connector);
    const stream = granted(await session.openStream(SSH));
    await once(stream.resume(), 'data');
    gateway.close('taken_away');
    const end = await gateway.closed;
    await until(() => world.machine.sockets.size === 0);
    sign();
    const word = await session.closed;
    await gateway.finished;
    expect(word.code).toBe('taken_away');
    expect(word.receipt?.document).toMatchObject({ moment: 'closing', by: 'gateway', bytes: end.bytes });
    expect(end.bytes).toBeGreaterThan(0);
    expect(atGateway).toEqual(['opening', 'closing']);
  });

  it.each(['meeting', 'deciding'] as const)('while %s leaves nothing behind', async (phase) => {
    await using opened = new Opened();
    const world = await aWorld(opened, flood);
    let asked = false;
    const { gateway, connector } = bothEnds(opened, {
      ...world,
      machine: world.machine.address,
      offer: {
        onHello: () => {
          asked = true;
          return new Promise(() => undefined);
        },
      },
      request: phase === 'meeting' ? { relay: { host: '127.0.0.1', port: 1 } } : {},
    });
    if (phase === 'deciding') await until(() => asked);
    gateway.close('lockout');
    await gateway.finished;
    expect((await connector).allowed).toBe(false);
    expect(world.machine.accepted()).toBe(0);
  });

  it('by the connector ends the gateway too', async () => {
    await using opened = new Opened();
    const world = await aWorld(opened, flood);
    const session = await aSession(opened, { ...world, machine: world.machine.address });
    granted(await session.connector.openStream(SSH)).resume();
    session.connector.close();
    expect((await session.gateway.closed).code).toBe('ended_by_subject');
    await until(() => world.machine.sockets.size === 0);
  });

  it('happens by itself when the relay is lost', async () => {
    await using opened = new Opened();
    const { relay, address } = await aRelay(opened);
    const machine = await aMachine(opened, flood);
    const parts = {
      relay: address,
      machine: machine.address,
      gateway: await anIdentity(),
      connector: await anIdentity(),
    };
    const session = await aSession(opened, parts);
    granted(await session.connector.openStream(SSH)).resume();
    await until(() => machine.sockets.size === 1);
    await relay.stop();
    expect((await session.gateway.closed).code).toBe('control_lost');
    expect((await session.connector.closed).code).toBe('control_lost');
    await until(() => machine.sockets.size === 0);
  });

  it('is announced with its time and reason', async () => {
    await using opened = new Opened();
    const world = await aWorld(opened, flood);
    const told: unknown[] = [];
    const { gateway, connector } = bothEnds(opened, {
      ...world,
      machine: world.machine.address,
      offer: { onOpen: async () => allow(world.machine.address) },
      request: { onEnding: (at, why) => told.push([at, why]) },
    });
    granted(await connector);
    gateway.announceEnding(1_900_000_000_000, 'window_over');
    await until(() => told.length > 0);
    expect(told).toEqual([[1_900_000_000_000, 'window_over']]);
  });
});
