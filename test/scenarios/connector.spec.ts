import { openRemote } from '@interlock/client';
import type { LocalId, Term } from '@interlock/domain';
import { digestOf, newPrivateKey, signLoginProof } from '@interlock/proof';
import { anAgreement, aPartnership, BUYER, type Right, rightUnder, VENDOR } from '@interlock/testkit/builders';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import ssh2 from 'ssh2';
import { newHostKey } from '../../apps/demo-peers/src/press/new-host-key.js';
import { anEnclave, type Enclave, revocationOf, target, until } from './enclave/an-enclave.js';

const id = (text: string) => text as LocalId;
const GUEST = id('guest-4711');
const persons = [{ id: id('technician'), login: GUEST }];
const guests: Term = { type: 'identity-provider', party: VENDOR, issuer: BUYER, persons };

let right: Right;
let machine: ssh2.Server;
let commands: string[];
let enclave: Enclave;

beforeEach(async () => {
  const now = Date.now();
  const partners = await aPartnership(now);
  const agreement = anAgreement(partners, {}, now);
  right = await rightUnder(partners, { ...agreement, terms: [...agreement.terms, guests] }, {}, now);
  commands = [];
  machine = aSshMachine();
  await new Promise<void>((resolve) => machine.listen(0, '127.0.0.1', resolve));
  const { port } = machine.address() as { port: number };
  const { who, chain, claims, leaf } = right;
  enclave = await anEnclave({
    ...{ owner: who.buyer, gateway: who.gateway, pins: who.pins, chain },
    sides: [
      { company: who.vendor, agent: who.vendorAgent },
      { company: who.buyer, agent: who.buyerAgent },
    ],
    targets: [target('press-7', 'ssh', port)],
    known: { subject: { organisation: VENDOR, kind: 'person', id: claims.sub }, leaf },
  });
}, 60_000);
afterEach(async () => {
  await enclave?.[Symbol.asyncDispose]();
  await new Promise((resolve) => machine.close(resolve));
});

/** A machine that really speaks SSH: it answers `uptime`, and keeps a shell open as long as it is asked to. */
function aSshMachine(): ssh2.Server {
  const hostKey = newHostKey().private;
  return new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
    client.on('error', () => undefined);
    client.on('authentication', (context) => context.accept());
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) => {
        commands.push(command);
        const channel = acceptExec();
        channel.write(`${command}: 41 days\n`);
        if (command === 'tail') return;
        channel.exit(0);
        channel.end();
      });
    });
  });
}
const connect = (key = right.key, over: Partial<Parameters<typeof openRemote>[0]> = {}) =>
  openRemote({
    ...{ brokerOrigin: enclave.broker.origin, organisation: VENDOR, pins: right.who.pins, key },
    ...{ loginProof: right.loginProof, grant: right.grant.id, resource: { owner: BUYER, id: id('press-7') } },
    ...{ action: id('ssh'), now: Date.now },
    ...over,
  });

async function entered() {
  const remote = await connect();
  if (!remote.allowed) throw new Error(remote.refusal.code);
  return remote.value;
}

/** An SSH client of a library, whose transport is a stream of the session. */
async function sshOver({ session }: Awaited<ReturnType<typeof entered>>): Promise<ssh2.Client> {
  const stream = await session.openStream(id('ssh'));
  if (!stream.allowed) throw new Error(stream.refusal.code);
  const client = new ssh2.Client();
  return new Promise((resolve, reject) => {
    client.on('ready', () => resolve(client)).on('error', reject);
    client.connect({ sock: stream.value, username: 'service', password: 'unused' });
  });
}

const run = (client: ssh2.Client, command: string): Promise<{ text: string; ended: Promise<void> }> =>
  new Promise((resolve, reject) => {
    client.exec(command, (fault, channel) => {
      if (fault) return reject(fault);
      const ended = new Promise<void>((done) => channel.on('close', () => done()));
      channel.on('data', (chunk: Buffer) => resolve({ text: chunk.toString(), ended }));
      return undefined;
    });
  });

describe('a connector of a library', () => {
  it('carries SSH to the machine through gateway and relay, several streams at once, and ends cleanly', async () => {
    const remote = await entered();
    const [one, two] = await Promise.all([sshOver(remote), sshOver(remote)]);
    expect((await run(one, 'uptime')).text).toBe('uptime: 41 days\n');
    expect((await run(two, 'df')).text).toBe('df: 41 days\n');
    expect(remote.approvedBy).toEqual(['first-approver', 'second-approver']);
    expect(remote.receipt.document).toMatchObject({ by: 'gateway', moment: 'opening', session: remote.id });
    for (const client of [one, two]) client.on('error', () => undefined).end();
    remote.session.close();
    await until('the end is recorded', () => enclave.broker.evidence.some(({ kind }) => kind === 'session.closed'));
    expect(commands.sort()).toEqual(['df', 'uptime']);
  }, 60_000);

  it('loses its live command when the owner cuts at his own gateway, with the broker gone', async () => {
    const remote = await entered();
    const client = await sshOver(remote);
    client.on('error', () => undefined);
    const { ended } = await run(client, 'tail');
    await enclave.broker.stop();
    const { buyer, buyerAgent } = right.who;
    expect(await enclave.byHand(await revocationOf(right.chain, { company: buyer, agent: buyerAgent }))).toBe(200);
    expect(await remote.session.closed).toMatchObject({ code: 'taken_away' });
    const kept = (await remote.receipts()).map(({ document }) => [document.by, document.moment, document.code]);
    expect(kept).toEqual([
      ['gateway', 'opening', null],
      ['connector', 'opening', null],
      ['gateway', 'closing', 'taken_away'],
      ['connector', 'closing', 'taken_away'],
    ]);
    await ended;
    expect((await enclave.state()).sessions).toBe(0);
  }, 60_000);

  it('is out in the same moment in which one side narrows the agreement to less', async () => {
    const remote = await entered();
    const { buyer, buyerAgent } = right.who;
    const strike = { resources: [], clauses: ['remote-service'] };
    const narrows = { version: digestOf(right.agreement), strike, instead: { resources: [], terms: [] } };
    const target = { kind: 'agreement', id: right.agreement.id } as const;
    const act = revocationOf(right.chain, { company: buyer, agent: buyerAgent }, { verb: 'narrow', target, narrows });
    expect(await enclave.byHand(await act)).toBe(200);
    expect((await enclave.state()).sessions).toBe(0);
    expect(await remote.session.closed).toMatchObject({ code: 'narrowed' });
  }, 60_000);

  it('comes in by a login at the owner as the person of its own company, which cuts its person as ever', async () => {
    const { vendor, vendorAgent, buyerAgent } = right.who;
    const loginProof = await signLoginProof({ ...right.claims, iss: BUYER, sub: GUEST }, buyerAgent.signer);
    const remote = await connect(right.key, { organisation: BUYER, loginProof });
    if (!remote.allowed) throw new Error(remote.refusal.code);
    const subject = { organisation: VENDOR, kind: 'person', id: 'technician' };
    expect(remote.value.receipt.document).toMatchObject({ by: 'gateway', subject });
    const person = { kind: 'person', id: id('technician') } as const;
    enclave.push(await revocationOf(right.chain, { company: vendor, agent: vendorAgent }, { target: person }));
    expect(await remote.value.session.closed).toMatchObject({ code: 'taken_away' });
    const nobody = await signLoginProof({ ...right.claims, iss: BUYER, sub: id('guest-4712') }, buyerAgent.signer);
    expect(await connect(right.key, { organisation: BUYER, loginProof: nobody })).toMatchObject({
      refusal: { code: 'not_self' },
    });
  }, 60_000);

  it('asks for nothing the grant does not name', async () => {
    const remote = await entered();
    expect(await remote.session.openStream(id('vnc'))).toMatchObject({ allowed: false });
    expect(await connect(right.key, { resource: { owner: VENDOR, id: id('press-7') } })).toMatchObject({
      refusal: { code: 'outside_grant' },
    });
    remote.session.close();
  }, 60_000);

  it('is nobody with another key than the login proof names, and nobody to a company that it did not pin', async () => {
    expect(await connect(newPrivateKey())).toMatchObject({ allowed: false });
    const pins = new Map([...right.who.pins].filter(([organisation]) => organisation !== BUYER));
    expect(await connect(right.key, { pins })).toMatchObject({ allowed: false });
    expect(commands).toEqual([]);
  }, 60_000);
});
