import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { openRemote, type RemoteSession } from '@interlock/client';
import { makeLeaf, openSession } from '@interlock/company-side';
import { type AgreementId, allow, type GrantId, type LocalId } from '@interlock/domain';
import {
  aCompany,
  anAgreement,
  aPartnership,
  BUYER,
  type Partnership,
  type Right,
  rightUnder,
} from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anEnclave, type Enclave, revocationOf, target, until } from './enclave/an-enclave.js';

const id = (text: string) => text as LocalId;
const SSH = id('ssh');
const ALPINE = { machine: 'press-7', network: '127.0.0.1' } as const;
const BALTIC = { machine: 'press-8', network: '127.0.0.2' } as const;
type At = typeof ALPINE | typeof BALTIC;

let machines: { readonly server: Server; readonly seen: Map<string, string> };
let alpine: Right;
let baltic: Right;
let enclave: Enclave;

/** Two machines of one make at one address, told apart by the network they are dialled from alone: each keeps what it is told. */
function aPairOfTwins() {
  const seen = new Map<string, string>();
  const server = createServer((socket: Socket) => {
    const from = socket.remoteAddress ?? '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      seen.set(from, (seen.get(from) ?? '') + chunk.toString());
      socket.write(`${from}:${chunk.toString()}`);
    });
  });
  return { server, seen };
}

/** Two vendors that know nothing of each other, each with an agreement with the same plant about its own press there. */
async function bothVendors() {
  const now = Date.now();
  const who = await aPartnership(now);
  const both = [id(ALPINE.machine), id(BALTIC.machine)];
  const gateway = await who.buyer.holder('gateway', 'hall-gateway', ['enforce', 'call'], { resources: both });
  const vendor = await aCompany('baltic-presses.example', now);
  const other = {
    ...{ ...who, vendor, gateway },
    pins: new Map([vendor, who.buyer].map(({ organisation, pin }) => [organisation, pin])),
    technician: await vendor.holder('person', 'technician', ['grant']),
    vendorAgent: await vendor.holder('agent', 'agent', ['login', 'beat', 'narrow']),
    recipient: await vendor.holder('workload', 'telemetry-pipeline', ['open', 'subject']),
  };
  const right = (parties: Partnership, { machine }: At, digit: string) => {
    const { organisation } = parties.vendor;
    const resource = { owner: BUYER, id: id(machine) };
    const agreement = anAgreement(
      parties,
      {
        id: `agr_${digit.repeat(26)}` as AgreementId,
        resources: [{ ...resource, class: 'standard', services: [SSH] }],
      },
      now,
    );
    const terms = agreement.terms.filter(({ type }) => ['remote-service', 'offline', 'evidence'].includes(type));
    const grant = {
      ...{ id: `grt_${digit.repeat(26)}` as GrantId, actions: [SSH], resources: [resource] },
      requester: { organisation, id: id('technician') },
      subjects: [{ organisation, kind: 'person' as const, id: id('technician') }],
    };
    return rightUnder(parties, { ...agreement, terms }, { grant, claims: { iss: organisation } }, now);
  };
  return { alpine: await right({ ...who, gateway }, ALPINE, '1'), baltic: await right(other, BALTIC, '2') };
}

const partner = ({ who, chain, leaf, claims }: Right) => ({
  chain,
  sides: [
    { company: who.vendor, agent: who.vendorAgent },
    { company: who.buyer, agent: who.buyerAgent },
  ],
  known: { subject: { organisation: who.vendor.organisation, kind: 'person' as const, id: claims.sub }, leaf },
});

beforeAll(async () => {
  machines = aPairOfTwins();
  await new Promise<void>((resolve) => machines.server.listen(0, '127.0.0.1', resolve));
  const { port } = machines.server.address() as AddressInfo;
  ({ alpine, baltic } = await bothVendors());
  const { who } = alpine;
  enclave = await anEnclave({
    ...{ owner: who.buyer, gateway: who.gateway, ...partner(alpine), others: [partner(baltic)] },
    pins: new Map([...who.pins, ...baltic.who.pins]),
    targets: [ALPINE, BALTIC].map(({ machine, network }) => target(machine, 'ssh', port, network)),
  });
});
afterAll(async () => {
  await enclave?.[Symbol.asyncDispose]();
  machines.server.close();
});

const ask = (right: Right, at: At) =>
  openRemote({
    ...{ brokerOrigin: enclave.broker.origin, organisation: right.who.vendor.organisation, pins: right.who.pins },
    ...{ key: right.key, loginProof: right.loginProof, grant: right.grant.id, now: Date.now },
    ...{ resource: { owner: BUYER, id: id(at.machine) }, action: SSH },
  });

interface Inside extends RemoteSession {
  readonly stream: Duplex;
}

async function inside(right: Right, at: At): Promise<Inside> {
  const remote = await ask(right, at);
  if (!remote.allowed) throw new Error(remote.refusal.code);
  const stream = await remote.value.session.openStream(SSH);
  if (!stream.allowed) throw new Error(stream.refusal.code);
  stream.value.on('error', () => undefined);
  return { ...remote.value, stream: stream.value };
}

async function say({ stream }: Inside, line: string): Promise<string> {
  if (stream.destroyed) return 'gone';
  const heard = new Promise<string>((resolve) => {
    stream.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    stream.once('close', () => resolve('gone'));
  });
  stream.write(line);
  return heard;
}

const of = (session: unknown) => enclave.broker.evidence.filter((one) => one.session === session);
/** The meeting that an honest broker makes for this right. */
const meetingOf = ({ grant, loginProof }: Right, at: At) =>
  enclave.broker.offer({
    ...{ grant: grant.id, loginProof, action: SSH },
    resource: { owner: BUYER, id: id(at.machine) },
  });

/** The code under which the gateway refuses it. */
async function refused(offer: { readonly session: string }): Promise<string | null | undefined> {
  enclave.broker.say(offer);
  const found = () => of(offer.session).find(({ kind }) => kind === 'session.refused');
  await until('the refusal is evidence', () => found() !== undefined);
  return found()?.code;
}

describe('two vendors at one gateway', () => {
  let own: Inside;
  let others: Inside;
  // Open before each of the tests and through all of them.
  beforeAll(async () => {
    own = await inside(alpine, ALPINE);
    others = await inside(baltic, BALTIC);
  });

  it('are both inside at once, each at its own of two machines with one address', async () => {
    expect((await enclave.state()).sessions).toBe(2);
    expect(await say(own, 'from alpine;')).toBe(`${ALPINE.network}:from alpine;`);
    expect(await say(others, 'from baltic;')).toBe(`${BALTIC.network}:from baltic;`);
    expect(Object.fromEntries(machines.seen)).toEqual({
      [ALPINE.network]: 'from alpine;',
      [BALTIC.network]: 'from baltic;',
    });
    await until('both openings are evidence', () => [own, others].every(({ id: session }) => of(session).length > 0));
    // Each is written into the log of its own agreement, which the other vendor is no party to.
    const logs = [own, others].map(({ id: session }) => new Set(of(session).map(({ log }) => log)));
    expect(logs.map((log) => [...log])).toEqual([[alpine.agreement.id], [baltic.agreement.id]]);
  });

  it("open nothing at the other's target", async () => {
    expect(await refused(await meetingOf(alpine, BALTIC))).toBe('outside_grant');
    expect(await refused(await meetingOf(baltic, ALPINE))).toBe('outside_grant');
  });

  it("take no ticket, login proof, right, name or meeting place of the other's", async () => {
    const theirs = await meetingOf(alpine, ALPINE);
    const { ticket, loginProof, chain, subject, leaf, resource } = theirs;
    const wrong: readonly [object, string][] = [
      [{ ticket }, 'no_ticket'],
      [{ loginProof }, 'wrong_issuer'],
      [{ chain }, 'wrong_issuer'],
      [{ subject }, 'not_the_holder'],
      [{ leaf }, 'not_the_holder'],
      [{ resource }, 'outside_grant'],
    ];
    for (const [change, code] of wrong) {
      const offer = { ...(await meetingOf(baltic, BALTIC)), ...change };
      expect([Object.keys(change), await refused(offer)]).toEqual([Object.keys(change), code]);
    }
    // A meeting that was made for one vendor is no place for the other, whatever of it he was shown.
    const met = await meetingOf(baltic, BALTIC);
    enclave.broker.say(met);
    const came = await openSession({
      ...{ relay: met.relay, rendezvous: met.rendezvous, tls: await makeLeaf(alpine.key, Date.now()) },
      expectedGateway: alpine.who.gateway.signer.kid,
      hello: { ticket: met.ticket, loginProof: met.loginProof },
      onWelcome: async ({ receipt }) => allow(receipt as never),
      limits: { handshakeMs: 2_000 },
    });
    expect(came.allowed).toBe(false);
    await until('the gateway refused the stranger', () =>
      of(met.session).some(({ code }) => code === 'peer_key_mismatch'),
    );
    // The other's stream, while it is open: by its meeting place, and by its name. Nothing comes of either, and it goes on.
    const { rendezvous } = others.admission;
    enclave.broker.say({ ...(await meetingOf(alpine, ALPINE)), rendezvous });
    enclave.broker.say({ ...(await meetingOf(alpine, ALPINE)), session: others.id });
    expect(await refused(await meetingOf(alpine, BALTIC))).toBe('outside_grant');
    expect((await enclave.state()).sessions).toBe(2);
    for (const one of [own, others]) expect(await say(one, '.')).toMatch(/:\.$/);
  });

  it("lose nothing by the other's cut, whatever it names, and everything by the plant's lock-out", async () => {
    const { who } = alpine;
    const side = { company: who.vendor, agent: who.vendorAgent };
    const agreement = { kind: 'agreement', id: alpine.agreement.id } as const;
    // His act names what is the other's: under his own agreement, and under the other's, to which he is no party.
    const theirs = { kind: 'grant', id: baltic.grant.id } as const;
    expect(await enclave.byHand(await revocationOf(alpine.chain, side, { target: theirs }))).toBe(200);
    const foreign = { target: theirs, agreementId: baltic.agreement.id };
    expect(await enclave.byHand(await revocationOf(alpine.chain, side, foreign))).toBe(404);
    for (const one of [own, others]) expect(await say(one, '.')).toMatch(/:\.$/);
    enclave.push(await revocationOf(alpine.chain, side, { verb: 'suspend', target: agreement, sequence: 2 }));
    expect(await own.session.closed).toMatchObject({ code: 'taken_away' });
    expect(await say(others, 'still;')).toBe(`${BALTIC.network}:still;`);
    expect(await refused(await meetingOf(alpine, ALPINE))).toBe('taken_away');
    const again = await inside(baltic, BALTIC);
    expect(await say(again, 'again;')).toBe(`${BALTIC.network}:again;`);
    expect(machines.seen.get(ALPINE.network)).not.toContain('baltic');
    expect(machines.seen.get(BALTIC.network)).not.toContain('alpine');

    const locked = await fetch(`http://127.0.0.1:${enclave.localPort}/lockout`, {
      ...{ method: 'PUT', body: JSON.stringify({ reason: 'a fire in the hall' }) },
      headers: { authorization: `Bearer ${readFileSync(join(enclave.folder, 'state', 'local-token'), 'utf8')}` },
    });
    expect(locked.status).toBe(200);
    for (const one of [others, again]) expect(await one.session.closed).toMatchObject({ code: 'lockout' });
    for (const [right, at] of [[alpine, ALPINE] as const, [baltic, BALTIC] as const])
      expect(await refused(await meetingOf(right, at))).toBe('lockout');
  });
});
