import type { KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRemote } from '@interlock/client';
import type { ChainDocuments } from '@interlock/contracts';
import type { LocalId } from '@interlock/domain';
import { newPrivateKey, privateKeyToPem, signDocument } from '@interlock/proof';
import { aGrant, anAgreement, aPartnership, BUYER, bothSign, type Holder, VENDOR } from '@interlock/testkit/builders';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { callThroughGateway } from '../../apps/demo-peers/src/press/call-through-gateway.js';
import { anEnclave, type Enclave, revocationOf, type Side, target, until } from './enclave/an-enclave.js';

const id = (text: string) => text as LocalId;
const analytics = { owner: VENDOR, id: id('force-analytics') };

let service: Server;
let asked: string[];
let enclave: Enclave;
let world: Awaited<ReturnType<typeof theRight>>;

/** The vendor's analytics service may be called by the buyer's press, without any human: owner and subject have changed sides. */
async function theRight() {
  const now = Date.now();
  const who = await aPartnership(now);
  const press = await who.buyer.holder('machine', 'press-7', ['subject', 'call']);
  const otherMachine = await who.buyer.holder('machine', 'press-9', ['subject', 'call']);
  const engineer = await who.buyer.holder('person', 'line-engineer', ['grant']);
  const owner = await who.vendor.holder('person', 'analytics-owner', ['approve'], { groups: [id('analytics')] });
  const gateway = await who.vendor.holder('gateway', 'service-gateway', ['enforce', 'call'], {
    resources: [analytics.id],
  });
  const agreement = anAgreement(
    who,
    {
      resources: [{ ...analytics, class: 'standard', services: [id('http')] }],
      terms: [
        {
          type: 'machine-to-machine',
          approvals: [{ group: id('analytics'), persons: 1 }],
          ticketPattern: null,
          longestWindowSeconds: 8 * 3_600,
          purposes: [id('predictive-maintenance')],
        },
        { type: 'offline', kind: 'machine-to-machine', class: 'standard', mode: 'static', leaseSeconds: 60 },
        { type: 'evidence', region: id('eu-1'), cosigning: 'both', retentionSeconds: 86_400 },
      ],
    },
    now,
  );
  const grant = aGrant(
    agreement,
    {
      kind: 'machine-to-machine',
      requester: { organisation: BUYER, id: engineer.id },
      subjects: [{ organisation: BUYER, kind: 'machine', id: press.id }],
      resources: [analytics],
      actions: [id('http')],
      purpose: id('predictive-maintenance'),
      ticket: null,
    },
    now,
  );
  const holders = [press, otherMachine, engineer, owner, gateway, who.vendorAgent, who.buyerAgent];
  const signatures = [engineer, owner].map(({ signer }) => signDocument(grant, signer, now));
  const chain: ChainDocuments = {
    entities: [who.vendor.entity, who.buyer.entity],
    certificates: holders.map((holder) => holder.certificate),
    agreement: await bothSign(who, agreement, now),
    grant: { document: grant, signatures: await Promise.all(signatures) },
  };
  return { who, press, otherMachine, gateway, chain, grant };
}

beforeEach(async () => {
  asked = [];
  service = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end(request.method === 'POST' ? JSON.stringify({ remainingStrokes: 900, advice: 'go on' }) : 'wear 0.2');
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  world = await theRight();
});
afterEach(async () => {
  await enclave?.[Symbol.asyncDispose]();
  service.closeAllConnections();
  await new Promise((resolve) => service.close(resolve));
});

const sides = (): { vendor: Side; buyer: Side } => ({
  vendor: { company: world.who.vendor, agent: world.who.vendorAgent },
  buyer: { company: world.who.buyer, agent: world.who.buyerAgent },
});

async function start(comesAs: Holder = world.press): Promise<void> {
  const { who, gateway, chain } = world;
  const { port } = service.address() as AddressInfo;
  enclave = await anEnclave({
    ...{ owner: who.vendor, gateway, pins: who.pins, chain, sides: Object.values(sides()) },
    targets: [target('force-analytics', 'http', port)],
    known: { subject: { organisation: BUYER, kind: 'machine', id: comesAs.id }, leaf: comesAs.signer.kid },
  });
}

const call = (key: KeyObject) =>
  openRemote({
    ...{ brokerOrigin: enclave.broker.origin, organisation: BUYER, pins: world.who.pins, key, loginProof: null },
    ...{ grant: world.grant.id, resource: analytics, action: id('http'), now: Date.now },
  });

async function get(remote: Extract<Awaited<ReturnType<typeof call>>, { allowed: true }>['value']): Promise<string> {
  const stream = await remote.session.openStream(id('http'));
  if (!stream.allowed) throw new Error(stream.refusal.code);
  stream.value.write('GET /wear HTTP/1.1\r\nhost: analytics\r\nconnection: close\r\n\r\n');
  let text = '';
  for await (const chunk of stream.value as AsyncIterable<Buffer>) text += chunk.toString();
  return text;
}

describe("a press that calls its vendor's service", () => {
  it('is let in by its own certified key, without login proof, and both sides keep receipts', async () => {
    await start();
    const remote = await call(world.press.key);
    if (!remote.allowed) throw new Error(remote.refusal.code);
    expect(await get(remote.value)).toContain('wear 0.2');
    expect(asked).toEqual(['/wear']);
    expect(remote.value.approvedBy).toEqual(['analytics-owner']);
    expect(remote.value.receipt.document).toMatchObject({
      subject: { organisation: BUYER, kind: 'machine', id: 'press-7' },
      resource: analytics,
      gateway: { organisation: VENDOR, id: 'service-gateway' },
    });
    remote.value.session.close();
    await until('the end is recorded', () => enclave.broker.evidence.some(({ kind }) => kind === 'session.closed'));
    expect(enclave.broker.evidence.every(({ organisation }) => organisation === VENDOR)).toBe(true);
  }, 60_000);

  it.each(['vendor', 'buyer'] as const)(
    'is cut by the %s, and gets not a byte afterwards',
    async (side) => {
      await start();
      const remote = await call(world.press.key);
      if (!remote.allowed) throw new Error(remote.refusal.code);
      expect(await get(remote.value)).toContain('wear 0.2');
      enclave.push(await revocationOf(world.chain, sides()[side]));
      expect(await remote.value.session.closed).toMatchObject({ code: 'taken_away' });
      const again = await call(world.press.key);
      expect(again).toMatchObject({ allowed: false });
      expect(asked).toEqual(['/wear']);
    },
    60_000,
  );

  it('is nobody with a key of its own making', async () => {
    await start();
    expect(await call(newPrivateKey())).toMatchObject({ allowed: false });
    expect(asked).toEqual([]);
  }, 60_000);

  it('is not another machine of the same company, certified as it may be', async () => {
    await start(world.otherMachine);
    const remote = await call(world.otherMachine.key);
    expect(remote).toMatchObject({ allowed: false });
    await until('the refusal is recorded', () =>
      enclave.broker.evidence.some(({ kind }) => kind === 'session.refused'),
    );
    expect(asked).toEqual([]);
  }, 60_000);

  it('goes over to another grant as soon as its company lays one into its folder', async () => {
    await start();
    const folder = mkdtempSync(join(tmpdir(), 'interlock-press-'));
    writeFileSync(join(folder, 'key.pem'), privateKeyToPem(world.press.key), { mode: 0o600 });
    const lay = (more = '') => writeFileSync(join(folder, 'call.json'), `${JSON.stringify(theCall())}${more}`);
    const analyse = callThroughGateway(folder);
    const ask = () => analyse([], { machine: 'press-7', signal: new AbortController().signal });
    const opened = () => enclave.broker.evidence.filter(({ kind }) => kind === 'session.opened').length;
    lay();
    for (const _ of [1, 2]) expect(await ask()).toEqual({ remainingStrokes: 900, advice: 'go on' });
    await until('it is recorded', () => opened() === 1);
    lay('\n');
    await ask();
    await until('the one ended and another began', () => opened() === 2);
    expect(enclave.broker.evidence.filter(({ kind }) => kind === 'session.closed')).toHaveLength(1);
    rmSync(folder, { recursive: true });
  }, 60_000);
});

const theCall = () => ({
  ...{ brokerOrigin: enclave.broker.origin, organisation: BUYER, grant: world.grant.id, resource: analytics },
  pins: [...world.who.pins].map(([organisation, root]) => ({ organisation, root })),
  action: 'http',
});
