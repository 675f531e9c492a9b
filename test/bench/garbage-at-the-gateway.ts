// R6 --area gateway: what strangers, a lying broker and a lying connector can send to a gateway and its relay. Sessions that were open before must
// still be open afterwards, and a new one must get in.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { newNonce } from '@interlock/company-side';
import { aLoad, type Load } from '../scenarios/enclave/a-load.js';
import { ownProcesses } from '../scenarios/enclave/own-processes.js';

const HOST = '127.0.0.1';
const LIVE = 5;
const WAVE = 500;

interface Attack {
  readonly name: string;
  /** Resolves to how many inputs were sent. */
  run(load: Load, rounds: number): Promise<number>;
}

/** Says something to a port and waits until it hangs up, or for at most `longest` milliseconds. */
async function saying(port: number, bytes: Buffer | string, longest = 300): Promise<void> {
  const socket = connect({ host: HOST, port });
  socket.on('error', () => undefined);
  await Promise.race([once(socket, 'connect'), new Promise((done) => socket.once('close', done))]);
  socket.write(bytes);
  await Promise.race([
    new Promise((done) => socket.once('close', done)),
    new Promise((done) => setTimeout(done, longest)),
  ]);
  socket.destroy();
}

async function many(count: number, one: (at: number) => Promise<void>): Promise<number> {
  for (let at = 0; at < count; at += 50)
    await Promise.all(Array.from({ length: Math.min(50, count - at) }, (_, of) => one(at + of)));
  return count;
}

const garbage = (at: number): Buffer | string =>
  [
    randomBytes(600),
    'GET / HTTP/1.1\r\nhost: relay\r\n\r\n',
    `{"v":1,"rendezvous":"${'A'.repeat(200_000)}`,
    '{"v":1,"rendezvous":"__proto__","stream":-1,"role":"gateway"}\n',
    `PUT /lockout HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n\r\n${'{'.repeat(10_000)}`,
    Buffer.alloc(50_000, 0x5b),
  ][at % 6] as Buffer | string;

/** Connections that never become a session: all of a wave stay open while the next one comes. */
async function silence(port: number, count: number): Promise<number> {
  let wave: Socket[] = [];
  for (let opened = 0; opened < count; opened += WAVE) {
    const next = Array.from({ length: WAVE }, () => connect({ host: HOST, port }).on('error', () => undefined));
    await Promise.all(
      next.map((socket) => Promise.race([once(socket, 'connect').catch(() => undefined), once(socket, 'close')])),
    );
    for (const socket of wave) socket.destroy();
    wave = next;
  }
  for (const socket of wave) socket.destroy();
  return count;
}

/** Comes to the relay as the connector of an offer that the gateway took, and says anything but a handshake. */
async function lyingConnector({ enclave, right }: Load, at: number): Promise<void> {
  const answer = await fetch(`${enclave.broker.origin}/v1/sessions`, {
    method: 'POST',
    body: JSON.stringify({
      ...{ grant: right.grant.id, resource: right.grant.resources[0], action: 'ssh' },
      loginProof: right.loginProof,
    }),
  });
  const { rendezvous } = (await answer.json()) as { rendezvous: string };
  const place = JSON.stringify({ v: 1, rendezvous, stream: 0, role: 'connector' });
  const handshake = [randomBytes(2_000), Buffer.from([0x16, 3, 1, 0x40, 0]), Buffer.alloc(0)][at % 3] ?? '';
  await saying(enclave.broker.relayPort, Buffer.concat([Buffer.from(`${place}\n`), Buffer.from(handshake)]), 1_000);
}

const lies = (at: number): unknown =>
  [
    { t: 'offer', session: 'ses_x' },
    { t: 'act', act: { document: { typ: 'act' }, signatures: [] } },
    { t: 'standing', standing: { agreementId: '__proto__', padding: 'x'.repeat(200_000) } },
    { t: 'beat', beat: null },
    { t: newNonce() },
    [],
  ][at % 6];

const ATTACKS: readonly Attack[] = [
  {
    name: 'garbage at the relay',
    run: ({ enclave }, n) => many(200 * n, (at) => saying(enclave.broker.relayPort, garbage(at))),
  },
  {
    name: 'garbage at the local port',
    run: ({ enclave }, n) => many(200 * n, (at) => saying(enclave.localPort, garbage(at))),
  },
  { name: 'connections without a session', run: ({ enclave }) => silence(enclave.broker.relayPort, 10_000) },
  { name: 'connections to the local port', run: ({ enclave }) => silence(enclave.localPort, 2_000) },
  { name: 'a lying connector', run: (load, n) => many(50 * n, (at) => lyingConnector(load, at)) },
  {
    name: 'a lying broker',
    run: async ({ enclave }, n) => many(500 * n, async (at) => enclave.broker.say(lies(at))),
  },
];

/** Resident memory of every process this one started, in MiB, and how many they are. */
function childrenNow(): { readonly mib: number; readonly count: number } {
  const pids = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  const kib = pids.map((pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0));
  return { mib: kib.reduce((sum, one) => sum + one, 0) / 1_024, count: pids.length };
}

/** Plays every attack and answers in the form of a torture. */
export async function garbageAtTheGateway(quick: boolean) {
  const began = performance.now();
  const load = await aLoad(ownProcesses, 1);
  const live = await load.enterMany(LIVE, 2);
  let lost = 0;
  for (const { dead } of live) void dead.then(() => (lost += 1));
  const before = childrenNow();
  let peak = before.mib;
  const watch = setInterval(() => (peak = Math.max(peak, childrenNow().mib)), 50);
  const sent: Record<string, number> = {};
  for (const { name, run } of ATTACKS) sent[name] = await run(load, quick ? 1 : 5);
  clearInterval(watch);
  const newcomer = await load.enter().then(
    () => true,
    () => false,
  );
  const after = childrenNow();
  const [cutWrongly, crashes] = [lost, before.count - after.count];
  await load[Symbol.asyncDispose]();
  const inputs = Object.values(sent).reduce((sum, one) => sum + one, 0);
  return {
    id: 'R6',
    figures: { inputs, crashes, peakMiB: Math.round(peak * 10) / 10 },
    conditions: {
      ...{
        area: 'gateway',
        cases: Math.min(...Object.values(sent)),
        sent,
        sessionsOpenBefore: LIVE,
        sessionsLost: cutWrongly,
      },
      ...{ newcomerGetsIn: newcomer, beforeMiB: Math.round(before.mib), processes: 'gateway and relay' },
      ...{ cores: availableParallelism(), node: process.version },
    },
    peers: {},
    seconds: Math.round((performance.now() - began) / 100) / 10,
  };
}
