import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type ConnectorSession, makeLeaf, makeLog, openSession } from '@interlock/company-side';
import type { Decision, LocalId, Provisioning, Receipt, Signed } from '@interlock/domain';
import { allow } from '@interlock/domain';
import { privateKeyToPem, signed } from '@interlock/proof';
import { aRight, BUYER, type Partnership, type Right, type RightChanges } from '@interlock/testkit/builders';
import { pino } from 'pino';
import { type RunningGateway, startGateway } from '../../../apps/edge-gateway/src/gateway.js';
import { machineClocks, type RawClocks } from '../../../apps/edge-gateway/src/gateway-clock.js';
import { Relay } from '../../../apps/relay/src/relay.js';
import { beatBoth } from './honest-agents.js';
import { HostileBroker } from './hostile-broker.js';

/** A machine that counts every byte it ever sees: one byte is a failed attack test. */
export interface Machine {
  readonly port: number;
  readonly bytes: () => number;
  stop(): Promise<void>;
}

async function machine(): Promise<Machine> {
  let bytes = 0;
  const server: Server = createServer((socket) => {
    bytes += 1;
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      socket.write(chunk);
    });
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { port, bytes: () => bytes, stop: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** The buyer's plant behind a real gateway and a real relay, and a broker in the hands of an attacker. */
export interface Plant {
  readonly broker: HostileBroker;
  readonly gateway: RunningGateway;
  readonly relayPort: number;
  readonly machine: Machine;
  readonly right: Right;
  /** The gateway's own folder: who reads it is in the plant. */
  readonly folder: string;
  /** What the gateway logged, line by line. */
  readonly heard: readonly { readonly event?: string; readonly code?: string }[];
  /** Restarts the gateway on the same folder; `alone` where the broker is dead and nobody waits for it; `between` while it is stopped. */
  restart(clocks?: RawClocks, how?: { readonly alone?: boolean; readonly between?: () => void }): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface PlantOptions {
  readonly changes?: RightChanges;
  readonly clocks?: RawClocks;
  /** False: neither company's agent is heard from until the test says so. */
  readonly beating?: boolean;
  /** Settings of the gateway besides. */
  readonly settings?: Partial<Parameters<typeof startGateway>[0]>;
  /** A relay in the attacker's hands that stands on the provisioning list, in place of the real one. */
  readonly relayPort?: number;
}

const LEASE_SECONDS = 2;

export const shortLease = {
  type: 'offline',
  kind: 'remote-service',
  class: 'standard',
  mode: 'static',
  leaseSeconds: LEASE_SECONDS,
} as const;

export async function aPlant(options: PlantOptions = {}): Promise<Plant> {
  const now = Date.now();
  const right = await aRight(options.changes, now);
  const [broker, target] = [new HostileBroker(), await machine()];
  await broker.start();
  const relay = new Relay({
    host: '127.0.0.1',
    port: 0,
    waiting: 100,
    waitingPerAddress: 100,
    pairs: 100,
    requestMs: 5_000,
    partnerMs: 3_000,
    idleMs: 0,
  });
  const realPort = await relay.start();
  const relayPort = options.relayPort ?? realPort;
  const folder = mkdtempSync(join(tmpdir(), 'interlock-plant-'));
  await provision(folder, right.who, broker, relayPort, target.port, now);
  const settings = {
    GATEWAY_FOLDER: folder,
    GATEWAY_LOCAL_PORT: 0,
    GATEWAY_JOURNAL_MIB: 8,
    GATEWAY_BEAT_SECONDS: 0.3,
    GATEWAY_DECISION_POINT_SECONDS: 0.5,
    METRICS_PORT: 0,
    METRICS_HOST: '127.0.0.1',
    INTERLOCK_PARENT_PIPE: '0',
    ...options.settings,
  } as const;
  const heard: { event?: string; code?: string }[] = [];
  const log = makeLog('test', pino({ level: 'info' }, { write: (line) => void heard.push(JSON.parse(line)) }));
  let gateway = await startGateway(settings, log, options.clocks ?? machineClocks);
  broker.onAskStanding = () => broker.standing(right);
  if (options.beating !== false) broker.onNonce = (nonce) => void beatBoth(broker, right, nonce);
  await until(() => broker.connected);
  broker.standing(right);
  return {
    broker,
    get gateway() {
      return gateway;
    },
    relayPort,
    machine: target,
    right,
    folder,
    heard,
    restart: async (clocks, how) => {
      await gateway.close();
      await until(() => !broker.connected);
      how?.between?.();
      gateway = await startGateway(settings, log, clocks ?? machineClocks);
      if (!how?.alone) await until(() => broker.connected);
    },
    [Symbol.asyncDispose]: async () => {
      await gateway.close();
      await relay.stop();
      await broker.stop();
      await target.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function provision(
  folder: string,
  who: Partnership,
  broker: HostileBroker,
  relayPort: number,
  port: number,
  now: number,
): Promise<void> {
  const document: Provisioning = {
    typ: 'provisioning',
    v: 1,
    organisation: BUYER,
    gateway: who.gateway.id,
    pins: [...who.pins].map(([organisation, root]) => ({ organisation, root })),
    targets: [{ resource: 'press-7' as LocalId, service: 'ssh' as LocalId, host: '127.0.0.1', port }],
    broker: { origin: broker.origin, ticketKey: broker.ticketSigner.key },
    relays: [{ host: '127.0.0.1', port: relayPort }],
    regions: [],
    scrub: [],
    issuedAt: now - 60_000,
  };
  const bundle = await signed(document, who.buyer.certify, now);
  writeFileSync(join(folder, 'provisioning.json'), JSON.stringify(bundle));
  writeFileSync(join(folder, 'entity.json'), JSON.stringify(who.buyer.entity));
  writeFileSync(join(folder, 'certificate.json'), JSON.stringify(who.gateway.certificate));
  writeFileSync(join(folder, 'key.pem'), privateKeyToPem(who.gateway.key));
}

/** What the gateway says of itself at its own port. */
export async function stateOf(plant: Plant): Promise<GatewayState> {
  const response = await fetch(`http://127.0.0.1:${plant.gateway.localPort}/state`);
  return (await response.json()) as GatewayState;
}
export interface GatewayState {
  readonly locked: boolean;
  readonly agreements: readonly { readonly acts: number; readonly leases: Readonly<Record<string, boolean>> }[];
  readonly sessions: readonly { readonly session: string }[];
}

/** How many sides have answered a nonce of this boot. */
export const leasesOf = async (plant: Plant): Promise<number> =>
  Object.values((await stateOf(plant)).agreements[0]?.leases ?? {}).filter(Boolean).length;

/** Both sides have said "still agreed": whatever is refused from here on is refused for what it is. */
export const ready = (plant: Plant): Promise<void> => until(async () => (await leasesOf(plant)) === 2);

/** The code under which the gateway put the refusal of this offer on record. */
export async function refusalOf(plant: Plant, offer: { readonly session: string }): Promise<string> {
  const found = () =>
    plant.broker.evidence.find((one) => one.kind === 'session.refused' && one.session === offer.session);
  await until(() => found() !== undefined);
  return found()?.code ?? '';
}

/** Offers the right, changed as the attack wants, and waits for the gateway's reason to refuse it. */
export async function refused(
  plant: Plant,
  over: Parameters<HostileBroker['offer']>[2] = {},
  ticketOver: Parameters<HostileBroker['offer']>[3] = {},
): Promise<string> {
  const offer = await plant.broker.offer(plant.right, plant.relayPort, over, ticketOver);
  plant.broker.say(offer);
  return refusalOf(plant, offer);
}

/** Offers the right at the gateway and comes as its connector, with this key. */
export async function enter(
  plant: Plant,
  over: Parameters<HostileBroker['offer']>[2] = {},
  ticketOver: Parameters<HostileBroker['offer']>[3] = {},
  key = plant.right.key,
): Promise<Decision<ConnectorSession>> {
  const offer = await plant.broker.offer(plant.right, plant.relayPort, over, ticketOver);
  plant.broker.say(offer);
  return comeTo(plant, offer, key);
}

export async function comeTo(
  plant: Plant,
  offer: { rendezvous: string; ticket: string; loginProof: string | null },
  key = plant.right.key,
): Promise<Decision<ConnectorSession>> {
  return openSession({
    relay: { host: '127.0.0.1', port: plant.relayPort },
    rendezvous: offer.rendezvous,
    tls: await makeLeaf(key, Date.now()),
    expectedGateway: plant.right.who.gateway.signer.kid,
    hello: { ticket: offer.ticket, loginProof: offer.loginProof },
    onWelcome: async ({ receipt }) => allow(receipt as Signed<Receipt> as never),
    limits: { handshakeMs: 2_000 },
  });
}

/** Sends a line through an open session and reads it back from the machine. */
export async function echo(session: ConnectorSession, line: string): Promise<string> {
  const stream = await session.openStream('ssh' as LocalId);
  if (!stream.allowed) throw new Error(`no stream: ${stream.refusal.code}`);
  stream.value.write(line);
  const answer = await new Promise<string>((resolve, reject) => {
    stream.value.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    // A cut may come at any later time: it is the session's word then, not this stream's.
    stream.value.on('error', reject);
  });
  return answer;
}

/** Waits for a condition, never for a time; throws when it does not come within ten seconds. */
export async function until(condition: () => boolean | Promise<boolean>, milliseconds = 10_000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('the condition did not come true in time');
    await pause(5);
  }
}

/** An honest session that has carried a line. */
export async function opened(plant: Plant): Promise<ConnectorSession> {
  await ready(plant);
  const session = await enter(plant);
  if (!session.allowed) throw new Error(session.refusal.code);
  if ((await echo(session.value, 'uptime\n')) !== 'uptime\n') throw new Error('the machine did not answer');
  return session.value;
}

/** A request at the gateway's own port. */
export const local = (plant: Plant, method: string, path: string, body?: object, token?: string) =>
  fetch(`http://127.0.0.1:${plant.gateway.localPort}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    ...(body && { body: JSON.stringify(body) }),
  });
/** The token that only who can read the gateway's folder has. */
export const tokenOf = (plant: Plant) => readFileSync(join(plant.folder, 'state', 'local-token'), 'utf8');
