// P3: a cut of live SSH-like sessions through connector, relay and gateway. The clock starts when the signed act leaves the signer and stops when
// both ends of the session's stream are dead: the machine's socket closed and the connector's stream closed. No byte can pass after that.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import type { Duplex } from 'node:stream';
import { openRemote } from '@interlock/client';
import type { Act, LocalId, SessionId, Signed } from '@interlock/domain';
import { aRight, BUYER, type Right, VENDOR } from '@interlock/testkit/builders';
import {
  anEnclave,
  type Enclave,
  ownProcess,
  type Processes,
  revocationOf,
  target,
  until,
} from '../scenarios/enclave/an-enclave.js';

const SESSIONS = 1_000;
const AT_ONCE = 20;
const quick = process.argv.includes('--quick');
const SINGLE_CUTS = quick ? 30 : 100;
const ALONE = quick ? 10 : 30;
const SSH = 'ssh' as LocalId;

interface LiveOne {
  readonly id: string;
  readonly stream: Duplex;
  /** Resolves with the time (ms) at which both ends of the stream are dead. */
  readonly dead: Promise<number>;
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

async function enter(right: Right, enclave: Enclave, gone: Map<string, Promise<number>>): Promise<LiveOne> {
  const remote = await openRemote({
    ...{ brokerOrigin: enclave.broker.origin, organisation: VENDOR, pins: right.who.pins, key: right.key },
    ...{ loginProof: right.loginProof, grant: right.grant.id, resource: { owner: BUYER, id: 'press-7' as LocalId } },
    ...{ action: SSH, now: Date.now },
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
  return { id, stream, dead };
}

async function enterMany(count: number, one: () => Promise<LiveOne>): Promise<LiveOne[]> {
  const live: LiveOne[] = [];
  let left = count;
  const work = async () => {
    while (left-- > 0) live.push(await one());
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, work));
  return live;
}

const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN;
const round = (value: number): number => Number(value.toFixed(2));

let sequence = 0;
function actOn(right: Right, over: Partial<Act>): Promise<Signed<Act>> {
  const by = { company: right.who.buyer, agent: right.who.buyerAgent };
  return revocationOf(right.chain, by, { sequence: ++sequence, ...over });
}

/** Milliseconds from the act to the death of this session. */
async function cutOne(right: Right, enclave: Enclave, one: LiveOne): Promise<number> {
  const act = await actOn(right, { target: { kind: 'session', id: one.id as SessionId } });
  const sent = performance.now();
  enclave.push(act);
  return (await one.dead) - sent;
}

/** Relay and gateway as processes of their own. */
const children: ChildProcess[] = [];
async function inChild(role: string, given: object): Promise<{ port: number; stop(): Promise<void> }> {
  const child = fork(process.argv[1] ?? '', ['--role', role], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  children.push(child);
  child.send(given);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const stop = async () => {
    const ended = once(child, 'exit');
    child.disconnect();
    await ended;
  };
  return { port, stop };
}
const ownProcesses: Processes = {
  startRelay: () => inChild('relay', {}),
  startGateway: async (folder, beatSeconds) => {
    const { port, stop } = await inChild('gateway', { folder, beatSeconds });
    return { localPort: port, close: stop };
  },
};

async function serveRole(role: string): Promise<void> {
  const [given] = (await once(process, 'message')) as [{ folder: string; beatSeconds: number }];
  const made =
    role === 'relay'
      ? await ownProcess.startRelay(30_000)
      : await ownProcess.startGateway(given.folder, given.beatSeconds).then((gateway) => ({
          port: gateway.localPort,
          stop: () => gateway.close(),
        }));
  process.once('disconnect', () => void made.stop().finally(() => process.exit(0)));
  process.send?.({ port: made.port });
}

async function measure() {
  const began = performance.now();
  const right = await aRight({}, Date.now());
  const { server, gone } = aMachine();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const { who, chain, claims, leaf } = right;
  const enclave = await anEnclave(
    {
      ...{ owner: who.buyer, gateway: who.gateway, pins: who.pins, chain, beatSeconds: 10 },
      sides: [
        { company: who.vendor, agent: who.vendorAgent },
        { company: who.buyer, agent: who.buyerAgent },
      ],
      targets: [target('press-7', 'ssh', typeof address === 'object' && address ? address.port : 0)],
      known: { subject: { organisation: VENDOR, kind: 'person', id: claims.sub }, leaf },
    },
    ownProcesses,
  );
  const one = () => enter(right, enclave, gone);
  const alone: number[] = [];
  for (let turn = 0; turn < ALONE; turn++) alone.push(await cutOne(right, enclave, await one()));
  const opening = performance.now();
  let live = await enterMany(SESSIONS, one);
  const openSeconds = (performance.now() - opening) / 1_000;
  const single: number[] = [];
  for (let turn = 0; turn < SINGLE_CUTS; turn++) {
    // From anywhere in the list: the gateway looks at its sessions in the order they came.
    const [chosen] = live.splice(Math.floor(Math.random() * live.length), 1);
    if (!chosen) break;
    single.push(await cutOne(right, enclave, chosen));
    live.push(await one());
  }
  await until('a thousand are live', async () => (await enclave.state()).sessions === SESSIONS);
  const suspension = await actOn(right, { verb: 'suspend', target: { kind: 'agreement', id: right.agreement.id } });
  const sent = performance.now();
  enclave.push(suspension);
  const all = (await Promise.all(live.map(({ dead }) => dead))).map((at) => at - sent);
  live = [];
  await enclave[Symbol.asyncDispose]();
  server.close();
  return answerOf({ alone, single, all, openSeconds, seconds: (performance.now() - began) / 1_000 });
}

function answerOf(taken: { alone: number[]; single: number[]; all: number[]; openSeconds: number; seconds: number }) {
  const { alone, single, all } = taken;
  return {
    id: 'P3',
    figures: {
      tunnelP50Ms1: round(quantile(alone, 0.5)),
      tunnelP99Ms1000: round(quantile(single, 0.99)),
      tunnelP50Ms1000: round(quantile(single, 0.5)),
      allP99Ms1000: round(quantile(all, 0.99)),
      allP50Ms1000: round(quantile(all, 0.5)),
    },
    conditions: {
      sessions: SESSIONS,
      cutsAlone: alone.length,
      cutsOneOfThousand: single.length,
      suspensions: 1,
      path: "tunnel alone: act pushed over the broker's channel, without the broker's own services in the path",
      end: "both ends dead: the machine's socket and the connector's stream are closed",
      processes: 'gateway, relay, and one for connectors, machine and signer',
      evidence: 'every opening and cut on disk with fsync',
      grants: 1,
      openedPerSecond: round(SESSIONS / taken.openSeconds),
      cores: availableParallelism(),
      node: process.version,
    },
    seconds: round(taken.seconds),
  };
}

const at = process.argv.indexOf('--role');
if (at > 0) await serveRole(process.argv[at + 1] ?? '');
else {
  process.once('exit', () => {
    for (const child of children) child.kill();
  });
  const answer = await measure();
  process.stdout.write(`${JSON.stringify(answer)}\n`);
  process.exit(0);
}
