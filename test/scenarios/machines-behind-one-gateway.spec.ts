import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, connect as dial, type Server, Socket } from 'node:net';
import { openRemote, type RemoteSession } from '@interlock/client';
import { type HttpProxy, splice } from '@interlock/company-side';
import type { LocalId } from '@interlock/domain';
import { aRight, BUYER, type Right, rightUnder, VENDOR } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import modbus from 'jsmodbus';
import { anEnclave, type Enclave, target, until } from './enclave/an-enclave.js';

const id = (text: string) => text as LocalId;
/** Two machines with one address, told apart by the network they are dialled from. */
const NETWORKS = { 'press-7': '127.0.0.1', 'press-8': '127.0.0.2' } as const;

let closers: (() => unknown)[];
let writes: number;
let plc: { holding: Buffer; port: number };
let twins: { port: number; dialledFrom: string[] };
let right: Right;
let enclave: Enclave;

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A real Modbus server that counts what is written to it. */
async function aPlc() {
  const server = createServer();
  const holding = Buffer.alloc(64);
  holding.writeUInt16BE(4_711, 0);
  const controller = new modbus.server.TCP(server, { holding });
  const count = () => {
    writes += 1;
  };
  controller.on('preWriteSingleRegister', count);
  controller.on('preWriteMultipleRegisters', count);
  server.on('connection', (socket) => socket.on('error', () => undefined));
  return { holding, port: await listening(server) };
}

async function twoOfOneAddress() {
  const dialledFrom: string[] = [];
  const server = createServer((socket) => {
    dialledFrom.push(socket.remoteAddress ?? '');
    const name = Object.entries(NETWORKS).find(([, from]) => from === socket.remoteAddress)?.[0];
    socket.on('error', () => undefined).end(`${name}\n`);
  });
  return { dialledFrom, port: await listening(server) };
}

beforeAll(async () => {
  closers = [];
  writes = 0;
  plc = await aPlc();
  twins = await twoOfOneAddress();
  const resources = (['press-7', 'press-8'] as const).map((name) => ({
    ...{ owner: BUYER, id: id(name), class: 'standard' as const },
    services: [id('modbus'), id('status')],
  }));
  right = await aRight(
    {
      agreement: { resources },
      grant: {
        actions: [id('modbus:read'), id('status')],
        resources: resources.map(({ owner, id }) => ({ owner, id })),
      },
    },
    Date.now(),
  );
  const { who } = right;
  const both = Object.keys(NETWORKS).map(id);
  const gateway = await who.buyer.holder('gateway', 'hall-gateway', ['enforce', 'call'], { resources: both });
  const chain = { ...right.chain, certificates: [...right.chain.certificates, gateway.certificate] };
  enclave = await anEnclave({
    ...{ owner: who.buyer, gateway, pins: who.pins, chain },
    sides: [
      { company: who.vendor, agent: who.vendorAgent },
      { company: who.buyer, agent: who.buyerAgent },
    ],
    targets: [
      { ...target('press-7', 'modbus', plc.port), unit: 1 },
      target('press-7', 'status', twins.port, NETWORKS['press-7']),
      target('press-8', 'status', twins.port, NETWORKS['press-8']),
    ],
    known: { subject: { organisation: VENDOR, kind: 'person', id: right.claims.sub }, leaf: right.leaf },
  });
});
afterAll(async () => {
  await enclave?.[Symbol.asyncDispose]();
  for (const close of closers) await close();
});

const opening = (action: string, resource = 'press-7', proxy?: HttpProxy) =>
  openRemote({
    ...{ brokerOrigin: enclave.broker.origin, organisation: VENDOR, pins: right.who.pins, key: right.key },
    ...{ loginProof: right.loginProof, grant: right.grant.id, resource: { owner: BUYER, id: id(resource) } },
    ...{ action: id(action), now: Date.now, proxy },
  });

async function inside(action: string, resource?: string): Promise<RemoteSession> {
  const remote = await opening(action, resource);
  if (!remote.allowed) throw new Error(remote.refusal.code);
  closers.push(() => remote.value.session.close());
  return remote.value;
}

/** A proxy that lets CONNECT through, with what it was asked for. */
async function aProxy(): Promise<{ readonly port: number; readonly asked: (string | undefined)[] }> {
  const asked: (string | undefined)[] = [];
  const proxy = createHttpServer((_request, response) => response.writeHead(405).end());
  proxy.on('connect', (request, near: Socket) => {
    const [host = '', port] = (request.url ?? '').split(':');
    asked.push(request.headers['proxy-authorization'] && request.url);
    const far = dial({ host, port: Number(port), allowHalfOpen: true }, () => {
      near.write('HTTP/1.1 200 Connection established\r\n\r\n');
      splice(near, far);
    });
  });
  return { asked, port: await listening(proxy) };
}

/** Connects through a local port, as the connector opens one. */
async function connected(socket: Socket, { session }: RemoteSession, action: string): Promise<void> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, async (near) => {
    near.on('error', () => undefined);
    const far = await session.openStream(id(action));
    if (far.allowed) splice(near, far.value);
    else near.destroy();
  });
  socket.on('error', () => undefined).connect({ port: await listening(server), host: '127.0.0.1' });
  await once(socket, 'connect');
}

describe('a right to read a controller by Modbus', () => {
  it("reads, and has every write answered with the protocol's exception, as evidence with a count", async () => {
    const socket = new Socket();
    const client = new modbus.client.TCP(socket, 1);
    await connected(socket, await inside('modbus:read'), 'modbus:read');
    const read = await client.readHoldingRegisters(0, 1);
    expect(read.response.body.valuesAsArray).toEqual([4_711]);
    for (let n = 0; n < 3; n += 1)
      await expect(client.writeSingleRegister(0, 1)).rejects.toMatchObject({
        response: { body: { code: 1, message: 'ILLEGAL FUNCTION' } },
      });
    await expect(client.writeMultipleRegisters(0, [1, 2])).rejects.toMatchObject({ response: { body: { code: 1 } } });
    // The exceptions stood between whole answers: the next read is understood.
    const again = await client.readHoldingRegisters(0, 2);
    expect(again.response.body.valuesAsArray).toEqual([4_711, 0]);
    expect({ writes, first: plc.holding.readUInt16BE(0) }).toEqual({ writes: 0, first: 4_711 });
    socket.destroy();
    const refused = () => enclave.broker.evidence.filter(({ kind }) => kind === 'function.refused');
    await until('the refusals are evidence', () => refused().length >= 2);
    expect(
      refused()
        .slice(0, 2)
        .map(({ clause, code, outcome }) => ({ clause, code, outcome })),
    ).toEqual([
      { clause: 'modbus 6', code: 'function_not_granted', outcome: 'deny' },
      { clause: 'modbus 16', code: 'function_not_granted', outcome: 'deny' },
    ]);
  });

  it('reaches the unit that is its machine, and no other behind the same bridge', async () => {
    const remote = await inside('modbus:read');
    const [own, other] = [new Socket(), new Socket()];
    const [client, neighbour] = [new modbus.client.TCP(own, 1), new modbus.client.TCP(other, 2)];
    await connected(own, remote, 'modbus:read');
    await connected(other, remote, 'modbus:read');
    await expect(neighbour.readHoldingRegisters(0, 1)).rejects.toMatchObject({ response: { body: { code: 10 } } });
    expect((await client.readHoldingRegisters(0, 1)).response.body.valuesAsArray).toEqual([4_711]);
    for (const socket of [own, other]) socket.destroy();
    await until('the refusal is evidence', () =>
      enclave.broker.evidence.some(({ clause }) => clause === 'modbus unit 2'),
    );
  });

  it('ends the stream of whoever speaks something else, and is no right to the whole service', async () => {
    const remote = await inside('modbus:read');
    const socket = new Socket();
    await connected(socket, remote, 'modbus:read');
    socket.write('SSH-2.0-OpenSSH_9.6\r\n');
    // By a reset, which `once` would take for a fault of the test.
    await new Promise((resolve) => socket.once('close', resolve));
    const whole = await remote.session.openStream(id('modbus'));
    expect(whole).toMatchObject({ allowed: false, refusal: { code: 'outside_grant' } });
    const opened = await opening('modbus');
    expect(opened).toMatchObject({ allowed: false });
    expect(writes).toBe(0);
  });

  it('is no right that nothing here can enforce', async () => {
    const { who, agreement } = right;
    const made = rightUnder(who, agreement, { grant: { actions: [id('status:read')] } }, Date.now());
    const { chain } = await made;
    expect(chain.grant.document.actions).toEqual(['status:read']);
    const remote = await opening('status:read');
    expect(remote.allowed).toBe(false);
  });
});

describe('two machines with the same address behind one gateway', () => {
  it('are told apart by identity: each session reaches its own', async () => {
    for (const name of ['press-8', 'press-7'] as const) {
      const remote = await inside('status', name);
      const stream = await remote.session.openStream(id('status'));
      if (!stream.allowed) throw new Error(stream.refusal.code);
      let said = '';
      for await (const chunk of stream.value as AsyncIterable<Buffer>) said += chunk.toString();
      expect(said).toBe(`${name}\n`);
    }
    expect(twins.dialledFrom).toEqual([NETWORKS['press-8'], NETWORKS['press-7']]);
  });
});

describe('a connector behind an HTTP proxy', () => {
  it('reaches broker and relay through it, and nothing around it', async () => {
    const proxy = await aProxy();
    const authorization = `Basic ${Buffer.from('technician:secret').toString('base64')}`;
    const remote = await opening('status', 'press-7', { host: '127.0.0.1', port: proxy.port, authorization });
    if (!remote.allowed) throw new Error(remote.refusal.code);
    const stream = await remote.value.session.openStream(id('status'));
    if (!stream.allowed) throw new Error(stream.refusal.code);
    const [said] = (await once(stream.value, 'data')) as [Buffer];
    expect(said.toString()).toBe('press-7\n');
    remote.value.session.close();
    const relay = `127.0.0.1:${enclave.broker.relayPort}`;
    expect(proxy.asked).toEqual([new URL(enclave.broker.origin).host, relay, relay]);
  });

  it('says that nobody answers where the proxy refuses', async () => {
    const refusing = createHttpServer().on('connect', (_request, socket) =>
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'),
    );
    const port = await listening(refusing);
    await expect(opening('status', 'press-7', { host: '127.0.0.1', port })).rejects.toThrow('no answer');
  });
});
