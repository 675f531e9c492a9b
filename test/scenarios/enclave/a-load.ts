import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { openRemote } from '@interlock/client';
import { type Leaf, makeLeaf } from '@interlock/company-side';
import type { LocalId } from '@interlock/domain';
import { aRight, BUYER, type Right, VENDOR } from '@interlock/testkit/builders';
import { anEnclave, type Enclave, type Processes, target } from './an-enclave.js';

const SSH = 'ssh' as LocalId;

/** A session with one stream that has carried a byte both ways. */
export interface LiveSession {
  readonly id: string;
  readonly stream: Duplex;
  /** Resolves with the time (ms, `performance.now`) at which both ends of the stream are dead. */
  readonly dead: Promise<number>;
  /** Ends it as its subject does. */
  end(): void;
}

/** A machine behind a gateway, and a right to it under which any number of sessions can be opened. */
export interface Load {
  readonly right: Right;
  readonly enclave: Enclave;
  readonly machinePort: number;
  enter(): Promise<LiveSession>;
  enterMany(count: number, atOnce: number): Promise<LiveSession[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function aLoad(processes: Processes, beatSeconds = 10): Promise<Load> {
  const right = await aRight({}, Date.now());
  const { server, gone } = aMachine();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const machinePort = typeof address === 'object' && address ? address.port : 0;
  const { who, chain, claims, leaf } = right;
  const options = {
    ...{ owner: who.buyer, gateway: who.gateway, pins: who.pins, chain, beatSeconds },
    sides: [
      { company: who.vendor, agent: who.vendorAgent },
      { company: who.buyer, agent: who.buyerAgent },
    ],
    targets: [target('press-7', 'ssh', machinePort)],
    known: { subject: { organisation: VENDOR, kind: 'person' as const, id: claims.sub }, leaf },
  };
  const enclave = await anEnclave(options, processes);
  // As the connector does: with the key, while the login goes on.
  const wrapped = await makeLeaf(right.key, Date.now());
  const one = () => enter(right, wrapped, enclave, gone);
  return {
    ...{ right, enclave, machinePort, enter: one },
    enterMany: (count, atOnce) => many(count, atOnce, one),
    [Symbol.asyncDispose]: async () => {
      await enclave[Symbol.asyncDispose]();
      server.close();
    },
  };
}

/** A machine that greets with the number it was told and tells when each of its connections is gone. */
function aMachine(): { server: Server; gone: Map<string, Promise<number>> } {
  const gone = new Map<string, Promise<number>>();
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined);
    const closed = new Promise<number>((done) => socket.once('close', () => done(performance.now())));
    socket.once('data', (name: Buffer) => {
      gone.set(name.toString(), closed);
      socket.write(name);
    });
  });
  return { server, gone };
}

async function enter(
  right: Right,
  leaf: Leaf,
  enclave: Enclave,
  gone: Map<string, Promise<number>>,
): Promise<LiveSession> {
  const remote = await openRemote({
    ...{ brokerOrigin: enclave.broker.origin, organisation: VENDOR, pins: right.who.pins, key: right.key },
    ...{ loginProof: right.loginProof, grant: right.grant.id, resource: { owner: BUYER, id: 'press-7' as LocalId } },
    ...{ action: SSH, now: Date.now, leaf },
  });
  if (!remote.allowed) {
    const said = enclave.broker.evidence.filter(({ kind }) => kind === 'session.refused').map(({ code }) => code);
    throw new Error(`not let in: ${remote.refusal.code}; the gateway says ${said.slice(-3).join(', ') || 'nothing'}`);
  }
  const { id, session } = remote.value;
  const opened = await session.openStream(SSH);
  if (!opened.allowed) throw new Error(`no stream: ${opened.refusal.code}`);
  const stream: Duplex = opened.value;
  stream.on('error', () => undefined);
  const closed = new Promise<number>((done) => stream.once('close', () => done(performance.now())));
  stream.write(id);
  await once(stream, 'data');
  const machine = gone.get(id);
  if (!machine) throw new Error('the machine did not hear of the session');
  const dead = Promise.all([closed, machine]).then((times) => Math.max(...times));
  return { id, stream, dead, end: () => session.close() };
}

async function many(count: number, atOnce: number, one: () => Promise<LiveSession>): Promise<LiveSession[]> {
  const live: LiveSession[] = [];
  let left = count;
  const work = async () => {
    while (left-- > 0) live.push(await one());
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, work));
  return live;
}
