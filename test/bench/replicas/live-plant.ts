import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openRemote, type RemoteSession } from '@interlock/client';
import { newNonce } from '@interlock/company-side';
import type { Act, Agreement, AgreementId, Grant, GrantId, LocalId, Provisioning, Signed } from '@interlock/domain';
import {
  digestOf,
  newPrivateKey,
  privateKeyToPem,
  publicJwkOf,
  signDocument,
  signed,
  signLoginProof,
  thumbprintOf,
} from '@interlock/proof';
import { PROGRAMS } from '@interlock/testkit';
import {
  aGrant,
  anAgreement,
  BUYER,
  type Company,
  type Holder,
  type Partnership,
  VENDOR,
} from '@interlock/testkit/builders';
import { freePorts, type Launched } from '@interlock/trial';
import { anId } from '../../scenarios/broker/two-companies.js';
import type { CompanyAgents } from './company-agents.js';
import { EndedByThemselves } from './ended-by-themselves.js';
import type { ReplicatedBroker } from './replicated-broker.js';
import { persist } from './story-of-one.js';

/** How long a session may go on after the last "still agreed"; longer than any one process is away. */
const LEASE_MS = 60_000;
const SLACK_MS = 5_000;
const SSH = 'ssh' as LocalId;
const PRESS = 'press-7' as LocalId;

/** One technician inside: he says his grant's name again and again, and the machine says it back. */
export interface Inside {
  readonly grant: Grant;
  readonly remote: RemoteSession;
  /** Whether the machine still answers. */
  answers(): Promise<boolean>;
}

/** The plant's side of the story: machine, gateway, two relays, and both companies' agents, each a process that can be killed. */
export interface LivePlant {
  readonly victims: readonly string[];
  /** Processes that ended though nobody ended them, each with its exit code and last words. */
  readonly endedByThemselves: readonly string[];
  kill(victim: string): Promise<void>;
  enter(): Promise<Inside>;
  /** Cuts and watches: whether the session outlived its lease. */
  cut(inside: Inside): Promise<{ readonly act: Act; readonly outlived: boolean; readonly entersAgain: boolean }>;
  /** Bytes at the machine under a grant after its end, and under none at all. */
  unauthorisedBytes(): number;
  stop(): Promise<void>;
}

/** A machine that remembers when it was last spoken to under which grant. */
export async function machine() {
  const last = new Map<string, number>();
  let nameless = 0;
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      const names = chunk.toString('latin1').match(/grt_[0-9a-z]{26}/g) ?? [];
      if (names.length === 0) nameless += chunk.length;
      for (const name of names) last.set(name, performance.now());
      socket.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, last, nameless: () => nameless, stop: () => server.close() };
}

export async function livePlant(broker: ReplicatedBroker, companies: CompanyAgents): Promise<LivePlant> {
  const { who } = companies;
  const dir = mkdtempSync(join(tmpdir(), 'interlock-live-plant-'));
  const press = await machine();
  const [localPort = 0] = await freePorts(1);
  const agreement = leased(anAgreement(who, { id: anId<AgreementId>('agr') }, Date.now()));
  await agree(broker, who, agreement);
  await provision(dir, { broker, who, port: press.port });
  const settings: Readonly<Record<string, readonly [string, Record<string, string>]>> = {
    ...companies.settings,
    gateway: [
      'edge-gateway',
      { GATEWAY_FOLDER: dir, GATEWAY_LOCAL_PORT: String(localPort), GATEWAY_BEAT_SECONDS: '2' },
    ],
    ...Object.fromEntries(
      broker.relayPorts.map((port, at) => [
        `relay-${at}`,
        ['relay', { RELAY_PORT: String(port), RELAY_REGION: 'eu-1' }],
      ]),
    ),
  };
  const running = new Map<string, Launched>();
  const watched = new EndedByThemselves();
  const start = async (name: string) => {
    const [app, env] = settings[name] ?? ['', {}];
    running.set(
      name,
      await watched.launch({
        name,
        program: process.execPath,
        args: [join(PROGRAMS, app, 'main.js')],
        env,
        ready: { line: /^\{"ready":/ },
      }),
    );
  };
  await Promise.all(Object.keys(settings).map(start));
  const ended = new Map<string, number>();
  let forbidden = 0;
  const enterWith = async (grant: Grant): Promise<RemoteSession | undefined> => {
    const key = newPrivateKey();
    const loginProof = await logIn(who, grant.id, thumbprintOf(publicJwkOf(key)));
    const met = await openRemote({
      ...{ brokerOrigin: broker.origin, organisation: VENDOR, pins: who.pins, key, loginProof, grant: grant.id },
      ...{ resource: { owner: BUYER, id: PRESS }, action: SSH, now: Date.now },
    }).catch(() => undefined);
    return met?.allowed ? met.value : undefined;
  };
  return {
    victims: Object.keys(settings),
    endedByThemselves: watched.found,
    kill: async (victim) => {
      const one = running.get(victim);
      if (!one) throw new Error(`there is no ${victim}`);
      await watched.end(one, 'killed');
      await start(victim);
    },
    enter: async () => {
      const grant = aGrant(agreement, { id: anId<GrantId>('grt') }, Date.now());
      await granted(broker, who, grant);
      for (const end = Date.now() + 90_000; ; await pause(200)) {
        const remote = await enterWith(grant);
        if (remote) return { grant, remote, answers: () => answers(remote, grant.id) };
        if (Date.now() > end) throw new Error('nobody got in within 90 s');
      }
    },
    cut: async ({ grant, remote }) => {
      const { document: act } = await companies.cut(agreement.id, grant.id);
      ended.set(grant.id, performance.now() + LEASE_MS + SLACK_MS);
      const speaking = new AbortController();
      void goOnSpeaking(remote, grant.id, speaking.signal);
      const outlived = await Promise.race([remote.session.closed.then(() => false), pause(LEASE_MS + SLACK_MS, true)]);
      speaking.abort();
      const again = await enterWith(grant);
      // Who is inside still, or again, speaks: what the machine answers him now nobody allowed.
      for (const one of [outlived ? remote : undefined, again])
        if (one && (await answers(one, grant.id))) forbidden += grant.id.length + 1;
      return { act, outlived, entersAgain: again !== undefined };
    },
    unauthorisedBytes: () => {
      const late = [...press.last].filter(([grant, at]) => at > (ended.get(grant) ?? Number.POSITIVE_INFINITY));
      return press.nameless() + late.length + forbidden;
    },
    stop: async () => {
      await Promise.all([...running.values()].map((one) => watched.end(one, 'stopped')));
      await companies.stop();
      press.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

const leased = (agreement: Agreement): Agreement => ({
  ...agreement,
  terms: agreement.terms.map((term) => (term.type === 'offline' ? { ...term, leaseSeconds: LEASE_MS / 1000 } : term)),
});

async function yes(broker: ReplicatedBroker, by: Holder, target: string, body: unknown): Promise<void> {
  const answer = await persist(broker, by.signer, 'POST', target, body);
  if (answer.status >= 300) throw new Error(`${target}: ${answer.status} ${answer.code}`);
}

async function agree(broker: ReplicatedBroker, who: Partnership, agreement: Agreement): Promise<void> {
  const by = (company: Company) => signDocument(agreement, company.agreement, Date.now());
  await yes(broker, who.vendorAgent, '/v1/agreements', {
    agreement: { document: agreement, signatures: [await by(who.vendor)] },
  });
  const both = { digest: digestOf(agreement), signatures: [await by(who.buyer)] };
  await yes(broker, who.buyerAgent, `/v1/agreements/${agreement.id}/signatures`, both);
}

async function granted(broker: ReplicatedBroker, who: Partnership, grant: Grant): Promise<void> {
  const by = async (holder: Holder) => [await signDocument(grant, holder.signer, Date.now())];
  await yes(broker, who.vendorAgent, '/v1/grants', {
    grant: { document: grant, signatures: await by(who.technician) },
  });
  for (const one of [who.approver, who.secondApprover])
    await yes(broker, who.buyerAgent, `/v1/grants/${grant.id}/signatures`, {
      digest: digestOf(grant),
      signatures: await by(one),
    });
}

function logIn(who: Partnership, grant: GrantId, jkt: ReturnType<typeof thumbprintOf>): Promise<string> {
  const iat = Math.floor(Date.now() / 1000);
  const claims = {
    iss: VENDOR,
    sub: 'technician' as LocalId,
    aud: BUYER,
    jkt,
    acr: 'pwd',
    auth_time: iat,
    grant,
    iat,
    exp: iat + 600,
    jti: newNonce(),
  };
  return signLoginProof(claims, who.vendorAgent.signer);
}

/** Says the grant's name once, on a stream of its own, and waits for the machine to say it back. */
async function answers(remote: RemoteSession, word: string): Promise<boolean> {
  const stream = await Promise.race([remote.session.openStream(SSH), pause(10_000, undefined)]);
  if (!stream?.allowed) return false;
  const { value } = stream;
  value.on('error', () => undefined);
  const heard = new Promise<boolean>((resolve) => {
    value.once('data', () => resolve(true)).once('close', () => resolve(false));
    setTimeout(() => resolve(false), 10_000).unref();
  });
  value.write(`${word}\n`);
  return heard.finally(() => value.destroy());
}

async function goOnSpeaking(remote: RemoteSession, word: string, over: AbortSignal): Promise<void> {
  const stream = await remote.session.openStream(SSH);
  if (!stream.allowed) return;
  const { value } = stream;
  value.on('error', () => undefined).resume();
  while (!over.aborted && !value.destroyed) {
    value.write(`${word}\n`);
    await pause(20);
  }
}

type Provided = Readonly<{ broker: ReplicatedBroker; who: Partnership; port: number }>;

async function provision(folder: string, { broker, who, port }: Provided): Promise<void> {
  const now = Date.now();
  const document: Provisioning = {
    ...{ typ: 'provisioning', v: 1, organisation: BUYER, gateway: who.gateway.id, regions: [], scrub: [] },
    pins: [...who.pins].map(([organisation, root]) => ({ organisation, root })),
    targets: [{ resource: PRESS, service: SSH, host: '127.0.0.1', port }],
    broker: { origin: broker.origin, ticketKey: broker.keys.ticketKey },
    relays: broker.relayPorts.map((relay) => ({ host: '127.0.0.1', port: relay })),
    issuedAt: now - 60_000,
  };
  const bundle: Signed<Provisioning> = await signed(document, who.buyer.certify, now);
  writeFileSync(join(folder, 'provisioning.json'), JSON.stringify(bundle));
  writeFileSync(join(folder, 'entity.json'), JSON.stringify(who.buyer.entity));
  writeFileSync(join(folder, 'certificate.json'), JSON.stringify(who.gateway.certificate));
  writeFileSync(join(folder, 'key.pem'), privateKeyToPem(who.gateway.key));
}
