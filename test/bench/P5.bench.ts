// P5: one stream through connector, relay and gateway, encrypted end to end, against a plain TCP proxy. Every role is a process of its
// own; proxy and tunnel take turns, so that a noisy machine is noisy for both. Medians of the rounds.

import { type ChildProcess, fork } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import type { Duplex } from 'node:stream';
import { acceptSession, type Leaf, makeLeaf, openSession, SOCKET_BUFFER_BYTES, splice } from '@interlock/company-side';
import { signedReceipt } from '@interlock/contracts';
import { allow, type LocalId, type Thumbprint } from '@interlock/domain';
import { publicJwkOf, thumbprintOf } from '@interlock/proof';
import { Relay } from '../../apps/relay/src/relay.js';
import { tcpProxy } from './peers/tcp-proxy.js';

interface Address {
  readonly host: string;
  readonly port: number;
}
interface End {
  readonly leaf: Leaf;
  readonly thumbprint: Thumbprint;
}
interface Tunnel {
  readonly relay: Address;
  readonly rendezvous: string;
  readonly own: End;
  readonly other: Thumbprint;
  readonly machine: Address;
}

const HOST = '127.0.0.1';
const quick = process.argv.includes('--quick');
const BYTES = (quick ? 256 : 1_024) * 1024 * 1024;
const ROUNDS = quick ? 3 : 7;
const TRIPS = quick ? 1_000 : 4_000;
const CHUNK = 256 * 1024;
const MESSAGE = 256;
const SSH = 'ssh' as LocalId;

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const round = (value: number, digits = 3): number => Number(value.toFixed(digits));

async function listen(server: Server): Promise<Address> {
  server.listen(0, HOST);
  await once(server, 'listening');
  return { host: HOST, port: (server.address() as AddressInfo).port };
}

/** Counts what comes and says how much it was; echoes where the first byte asks for it. */
function machine(socket: Socket): void {
  let bytes = 0;
  socket.on('error', () => undefined);
  socket.once('data', (first: Buffer) => {
    const echo = first[0] === 0x65;
    const take = (chunk: Buffer) => {
      if (echo) socket.write(chunk);
      else bytes += chunk.length;
    };
    take(first);
    socket.on('data', take).on('end', () => socket.end(echo ? '' : String(bytes)));
  });
}

/** Megabytes (10^6) per second from the first write until the machine said that it has everything. */
async function pour(stream: Duplex): Promise<number> {
  const chunk = Buffer.alloc(CHUNK, 1);
  let answer = '';
  stream.on('data', (part: Buffer) => (answer += part.toString()));
  const began = performance.now();
  for (let sent = 0; sent < BYTES; sent += CHUNK) if (!stream.write(chunk)) await once(stream, 'drain');
  stream.end();
  await once(stream, 'end');
  if (Number(answer) !== BYTES) throw new Error(`${answer} of ${BYTES} bytes arrived`);
  return BYTES / 1_000 / (performance.now() - began);
}

/** Milliseconds of the median round trip of 256 bytes. */
async function trips(stream: Duplex): Promise<number> {
  const message = Buffer.alloc(MESSAGE, 'e');
  const times: number[] = [];
  for (let trip = 0; trip < TRIPS; trip += 1) {
    const began = performance.now();
    stream.write(message);
    for (let got = 0; got < MESSAGE; ) got += ((await once(stream, 'data')) as [Buffer])[0].length;
    if (trip > TRIPS / 10) times.push(performance.now() - began);
  }
  stream.end();
  return median(times);
}

async function connected(to: Address): Promise<Socket> {
  const socket = connect({ ...to, allowHalfOpen: true, noDelay: true });
  await once(socket, 'connect');
  return socket;
}

const DIGEST = `sha256:${'A'.repeat(43)}`;
/** The shape of a receipt; P5 measures what passes after the opening. */
const receipt = signedReceipt.parse({
  document: {
    ...{ typ: 'receipt', v: 1, moment: 'opening', by: 'gateway', session: `ses_${'0'.repeat(26)}` },
    ...{ grant: DIGEST, agreement: DIGEST, jkt: 'A'.repeat(43), at: 0, code: null, bytes: 0 },
    subject: { organisation: 'vendor.example', kind: 'person', id: 'technician' },
    resource: { owner: 'plant.example', id: 'press-7' },
    gateway: { organisation: 'plant.example', id: 'gateway-1' },
  },
  signatures: [{ form: 'jws', protected: 'e30', signature: 'AA' }],
});

function gatewayEnd({ relay, rendezvous, own, other, machine: to }: Tunnel): void {
  acceptSession({
    ...{ relay, rendezvous, tls: own.leaf, expectedPeer: other },
    onHello: async () => allow({ endsAt: 0, approvedBy: [], receipt }),
    onOpen: async () => allow(to),
  });
}

async function connectorEnd({ relay, rendezvous, own, other }: Tunnel) {
  const session = await openSession({
    ...{ relay, rendezvous, tls: own.leaf, expectedGateway: other },
    hello: { ticket: 'none', loginProof: null },
    onWelcome: async () => allow(receipt),
  });
  if (!session.allowed) throw new Error(session.refusal.code);
  return async (): Promise<Duplex> => {
    const stream = await session.value.openStream(SSH);
    if (!stream.allowed) throw new Error(stream.refusal.code);
    return stream.value;
  };
}

/** A local port whose connections go through the tunnel, as the connector of the command line opens one. */
async function localPort(tunnel: Tunnel): Promise<Address> {
  const open = await connectorEnd(tunnel);
  const options = { allowHalfOpen: true, noDelay: true, pauseOnConnect: true, highWaterMark: SOCKET_BUFFER_BYTES };
  return listen(createServer(options, (near) => void open().then((far) => splice(near, far))));
}

type Work = Record<string, (given: never) => unknown>;
const WORK = {
  machine: () => listen(createServer({ allowHalfOpen: true, noDelay: true }, machine)),
  proxy: (to: Address) => listen(tcpProxy(to)),
  relay: async (): Promise<Address> => {
    const limits = { waiting: 64, waitingPerAddress: 64, pairs: 64, requestMs: 5_000, partnerMs: 30_000, idleMs: 0 };
    return { host: HOST, port: await new Relay({ host: HOST, port: 0, ...limits }).start() };
  },
  gateway: gatewayEnd,
  connector: localPort,
  pour: async (to: Address) => pour(await connected(to)),
  trips: async (to: Address) => trips(await connected(to)),
  pourByLibrary: async (tunnel: Tunnel) => pour(await (await connectorEnd(tunnel))()),
} satisfies Work;
type Role = keyof typeof WORK;

const children: ChildProcess[] = [];
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** Runs a role in a process of its own and resolves to what it answers. */
async function inProcess<T>(role: Role, given: unknown = null): Promise<T> {
  const child = fork(import.meta.filename, [...process.argv.slice(2), '--role', role]);
  children.push(child);
  child.send({ given });
  const [answer] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error(`${role} ended without an answer`);
    }),
  ])) as [{ answer: T }];
  return answer.answer;
}

async function anEnd(): Promise<End> {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { leaf: await makeLeaf(privateKey, Date.now()), thumbprint: thumbprintOf(publicJwkOf(privateKey)) };
}

/** Gateway and connector halves of a new tunnel; the gateway is already on its way. */
async function aTunnel(relay: Address, to: Address): Promise<Tunnel> {
  const [gateway, connector] = [await anEnd(), await anEnd()];
  const common = { relay, machine: to, rendezvous: randomBytes(16).toString('base64url') };
  await inProcess('gateway', { ...common, own: gateway, other: connector.thumbprint });
  return { ...common, own: connector, other: gateway.thumbprint };
}

async function measure() {
  const began = performance.now();
  const to = await inProcess<Address>('machine');
  const proxy = await inProcess<Address>('proxy', to);
  const relay = await inProcess<Address>('relay');
  const tunnel = await inProcess<Address>('connector', await aTunnel(relay, to));
  const rates = { proxy: [] as number[], tunnel: [] as number[], library: [] as number[] };
  const times = { direct: [] as number[], proxy: [] as number[], tunnel: [] as number[] };
  for (let turn = 0; turn < ROUNDS; turn += 1) {
    rates.proxy.push(await inProcess('pour', proxy));
    rates.tunnel.push(await inProcess('pour', tunnel));
    times.direct.push(await inProcess('trips', to));
    times.proxy.push(await inProcess('trips', proxy));
    times.tunnel.push(await inProcess('trips', tunnel));
  }
  for (let turn = 0; turn < 3; turn += 1)
    rates.library.push(await inProcess('pourByLibrary', await aTunnel(relay, to)));
  const ratios = rates.tunnel.map((rate, turn) => rate / (rates.proxy[turn] ?? Number.NaN));
  return {
    id: 'P5',
    figures: {
      mbPerSecond: round(median(rates.tunnel), 1),
      proxyMbPerSecond: round(median(rates.proxy), 1),
      ratio: round(median(rates.tunnel) / median(rates.proxy)),
      addedRoundTripP50Ms: round(median(times.tunnel) - median(times.direct)),
      byLibraryMbPerSecond: round(median(rates.library), 1),
      ratioLowest: round(Math.min(...ratios)),
      ratioHighest: round(Math.max(...ratios)),
    },
    conditions: {
      bytes: BYTES,
      rounds: ROUNDS,
      chunkBytes: CHUNK,
      messageBytes: MESSAGE,
      tls: 'TLS 1.3, TLS_AES_128_GCM_SHA256, Ed25519 leaf keys',
      processes: 'load, connector (local port), relay, gateway, machine; by library: the load is the connector',
      cores: availableParallelism(),
      node: process.version,
    },
    peers: {
      'plain TCP proxy in Node': {
        mbPerSecond: round(median(rates.proxy), 1),
        roundTripP50Ms: round(median(times.proxy)),
      },
      direct: { roundTripP50Ms: round(median(times.direct)) },
      tunnel: { roundTripP50Ms: round(median(times.tunnel)) },
    },
    seconds: round((performance.now() - began) / 1_000, 1),
  };
}

const at = process.argv.indexOf('--role');
if (at > 0) {
  const role = process.argv[at + 1] as Role;
  process.once('message', ({ given }: { given: never }) => {
    void Promise.resolve(WORK[role](given)).then((answer) => {
      process.send?.({ answer });
      if (role === 'pour' || role === 'trips' || role === 'pourByLibrary') process.disconnect();
    });
  });
} else {
  const answer = await measure();
  process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));
}
