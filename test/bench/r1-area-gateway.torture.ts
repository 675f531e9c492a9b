// R1 --area gateway: the gateway as it is shipped, killed at random while technicians enter, speak and are cut by the plant's own hand, while a collector pushes what its press
// measures, and while evidence and sealed batches are handed over. The broker never passes a cut on: what was cut is known to the gateway's own disk alone. Afterwards the
// evidence is one chain, each acknowledged event arrived once, no session outlived the process, and what was cut opens nowhere. `--area data` kills the region and the scanner too,
// under a term that lets nothing go on unscanned.
import { readdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { openRemote, pushEvents, type RemoteSession } from '@interlock/client';
import { makeLeaf } from '@interlock/company-side';
import { type Act, type AgreementId, type GrantId, type LocalId, type Term } from '@interlock/domain';
import { digestOf, publicJwkOf, thumbprintOf, trust, unseal } from '@interlock/proof';
import { anAgreement, aPartnership, BUYER, type Right, rightUnder, VENDOR } from '@interlock/testkit/builders';
import { freePorts } from '@interlock/trial';
import { aRegion } from '../../apps/edge-gateway/test/a-region.js';
import { anId } from '../scenarios/broker/two-companies.js';
import { anEnclave, ownProcess, revocationOf, target, until } from '../scenarios/enclave/an-enclave.js';
import { shippedGateway } from '../scenarios/enclave/shipped-gateway.js';
import { areasAsked, isQuick } from './area.js';
import { dataVictims } from './replicas/data-victims.js';
import { evidenceOnce, repeats } from './replicas/evidence-once.js';
import { machine } from './replicas/live-plant.js';

const began = performance.now();
const [[area] = ['gateway']] = areasAsked('R1', { gateway: true, data: true });
const WANTED = isQuick() ? 20 : 200;
const MOST_MS = isQuick() ? 100_000 : 1_200_000;
/** What was under way in the machine's own socket when the cut was answered, in milliseconds. */
const SLACK = 500;
const SSH = 'ssh' as LocalId;
const PRESS = { owner: BUYER, id: 'press-7' as LocalId };

const press = await machine();
const [localPort = 0, doorPort = 0, regionPort = 0] = await freePorts(3);
const region = await aRegion({ maxBytes: 200_000_000, port: regionPort });
const beside = area === 'data' ? await dataVictims(region) : undefined;
const now = Date.now();
const who = await aPartnership(now);
const historian = await who.buyer.holder('workload', 'historian', ['subject'], { resources: [PRESS.id] });
const terms = (anAgreement(who, {}, now).terms as readonly Term[]).map((term) => {
  if (term.type === 'data-collection' && beside) return { ...term, scanning: 'required' as const };
  return term.type === 'region' ? { ...term, region: region.name, endpointKeys: [region.endpointKey] } : term;
});
const lease = { kind: 'data-collection', class: 'standard', mode: 'static', leaseSeconds: 600 } as const;
const agreement = anAgreement(
  who,
  { id: anId<AgreementId>('agr'), terms: [...terms, { type: 'offline', ...lease }] },
  now,
);
const flow = await rightUnder(
  who,
  agreement,
  {
    grant: {
      ...{ id: anId<GrantId>('grt'), kind: 'data-collection', actions: ['press-telemetry' as LocalId], ticket: null },
      subjects: [{ organisation: VENDOR, kind: 'workload', id: 'telemetry-pipeline' as LocalId }],
      purpose: 'predictive-maintenance' as LocalId,
    },
  },
  now,
);
await region.serve(flow);
const first = await access();

const ports = { GATEWAY_LOCAL_PORT: String(localPort), GATEWAY_INGEST: `127.0.0.1:${doorPort}` };
const shipped = shippedGateway({ ...ports, ...(beside && { GATEWAY_SCANNER: beside.socket }) });
const cuts: Act[] = [];
const enclave = await anEnclave(
  {
    ...{ owner: who.buyer, gateway: who.gateway, pins: who.pins, beatSeconds: 1 },
    chain: { ...first.chain, certificates: [...first.chain.certificates, historian.certificate] },
    flows: [flow.chain.grant],
    sides: [
      { company: who.vendor, agent: who.vendorAgent },
      { company: who.buyer, agent: who.buyerAgent, acts: cuts },
    ],
    targets: [target(PRESS.id, SSH, press.port)],
    regions: [{ region: region.name, host: '127.0.0.1', port: region.port }],
    known: knownOf(first),
  },
  { ...shipped.processes, startRelay: () => ownProcess.startRelay(2_000) },
);
enclave.broker.before = async (path, body) => {
  if (path !== '/v1/regions/users') return undefined;
  const user = await region.broker.post(path, body, { parse: (said: unknown) => said } as never);
  return user.allowed ? user.value : undefined;
};

let over = false;
let kills = 0;
const told = { entered: [] as string[], cutAt: new Map<string, number>(), survived: 0, turnedAway: 0 };
const cutRights: Right[] = [];
const acknowledged: number[] = [];
const [failures, refused]: [string[], number[]] = [[], []];

function access(): Promise<Right> {
  return rightUnder(who, agreement, { grant: { id: anId<GrantId>('grt') } }, Date.now());
}
function knownOf({ leaf, claims }: Right) {
  return { leaf, subject: { organisation: VENDOR, kind: 'person' as const, id: claims.sub } };
}
async function enter(right: Right): Promise<RemoteSession | undefined> {
  const gateway = { organisation: BUYER, id: who.gateway.id };
  enclave.broker.known.set(right.grant.id, { ...knownOf(right), chain: right.chain, gateway });
  const met = await openRemote({
    ...{ brokerOrigin: enclave.broker.origin, organisation: VENDOR, pins: who.pins, key: right.key, now: Date.now },
    ...{ loginProof: right.loginProof, grant: right.grant.id, resource: PRESS, action: SSH },
  }).catch(() => undefined);
  return met?.allowed ? met.value : undefined;
}

/** Enters under a grant of its own, says its name without pause, and is cut, or leaves, or loses it with the process. */
async function technician(): Promise<void> {
  while (!over) {
    const right = await access();
    const remote = await enter(right);
    if (!remote) {
      told.turnedAway += 1;
      continue;
    }
    told.entered.push(remote.id);
    const stream = await Promise.race([remote.session.openStream(SSH), pause(5_000, undefined)]);
    const timer = setInterval(() => {
      if (stream?.allowed && stream.value.writable) stream.value.write(`${right.grant.id}\n`);
    }, 5);
    if (stream?.allowed) stream.value.on('error', () => undefined).resume();
    await pause(Math.random() * 300);
    if (Math.random() < 0.6) await cut(right);
    await pause(Math.random() * 100);
    clearInterval(timer);
    remote.session.close();
  }
}

/** By the plant's own hand, again and again until the gateway says that it has it. */
async function cut(right: Right): Promise<void> {
  const side = { company: who.buyer, agent: who.buyerAgent };
  const previous = cuts.at(-1);
  const over = { sequence: cuts.length + 1, previous: previous ? digestOf(previous) : null };
  const act = await revocationOf(right.chain, side, over);
  cuts.push(act.document);
  for (const end = Date.now() + 30_000; (await enclave.byHand(act).catch(() => 0)) !== 200; await pause(20))
    if (Date.now() > end) throw new Error('nobody took the cut within 30 s');
  told.cutAt.set(right.grant.id, performance.now());
  cutRights.push(right);
}

/** Every number once, in order, until there is an answer for it. */
async function* measured() {
  for (let at = 0; !over; at += 1) {
    yield { at, event: event(at) };
    if (at % 50 === 49) await pause(100);
  }
}
const event = (at: number) => ({
  ...{ specversion: '1.0', id: `e${at}`, source: `//${BUYER}/${PRESS.id}`, type: 'machine.telemetry' },
  ...{ time: new Date(now + at).toISOString(), data: { force: at } },
});
async function collector(): Promise<void> {
  const gateway = thumbprintOf(publicJwkOf(who.gateway.key));
  const leaf = () => makeLeaf(historian.key, Date.now());
  const report = await pushEvents(measured(), {
    door: { host: '127.0.0.1', port: doorPort, gateway, leaf },
    onRefused: ({ at, code }) => refused.push(at) && failures.push(`event ${at}: ${code}`),
    rest: (ms) => pause(Math.min(ms, 200)),
  });
  if (!report.allowed) failures.push(`pushing ended: ${report.refusal.code}`);
  else acknowledged.push(report.value.accepted + report.value.repeated);
}

const killed: Record<string, number> = {};
/** One after the other, from the first moment of its start to some seconds into its work; each once before any comes again. */
async function killAtRandom(): Promise<void> {
  let left: (readonly [string, () => Promise<void>])[] = [];
  for (; kills < WANTED && performance.now() - began < MOST_MS; kills += 1) {
    await pause(Math.random() * 1_500);
    if (left.length === 0) left = [['gateway', killGateway], ...Object.entries(beside?.kill ?? {})];
    const [[name, kill] = ['gateway', killGateway]] = left.splice(Math.floor(Math.random() * left.length), 1);
    await kill();
    killed[name] = (killed[name] ?? 0) + 1;
    process.stderr.write(`\r${kills + 1} kills, ${told.entered.length} sessions, ${told.cutAt.size} cuts `);
  }
}
async function killGateway(): Promise<void> {
  const before = new Set(told.entered);
  await shipped.kill();
  await shipped.processes.startGateway(enclave.folder, 1);
  const state = (await (await fetch(`http://127.0.0.1:${localPort}/state`)).json()) as {
    sessions: { session: string }[];
  };
  told.survived += state.sessions.filter(({ session }) => before.has(session)).length;
}

/** Every number that the vendor's pipeline opens, and the batches in which they were. */
async function arrived() {
  const ring = await trust(flow.chain.entities, flow.chain.certificates, who.pins, Date.now());
  if (!ring.allowed) throw new Error(ring.refusal.code);
  const opener = { organisation: VENDOR, kid: who.recipient.signer.kid, key: who.recipient.key };
  const values: number[] = [];
  const batches: string[] = [];
  for (let more = await region.pulled(() => '+ACK'); more.length > 0; more = await region.pulled(() => '+ACK'))
    for (const sealed of more) {
      const one = await unseal(sealed, opener, ring.value, Date.now(), agreement);
      if (!one.allowed) throw new Error(one.refusal.code);
      batches.push(one.value.digest);
      values.push(...one.value.batch.observations.map(({ value }) => Number(value)));
    }
  return { values, batches };
}

async function judge() {
  let sessionsAliveAfterCut = told.survived;
  await Promise.all(
    cutRights.slice(-40).map(async (right) => {
      const again = await enter(right);
      if (again) sessionsAliveAfterCut += 1;
      again?.session.close();
    }),
  );
  const late = [...told.cutAt].filter(([grant, at]) => (press.last.get(grant) ?? 0) > at + SLACK);
  await until('the last evidence is handed over', () => openings().length >= told.entered.length, 20_000).catch(
    () => undefined,
  );
  const waits = () => readdirSync(enclave.folder, { recursive: true }).some((name) => String(name).endsWith('.sealed'));
  await until('the region has what was sealed', () => !waits(), 30_000).catch(() => undefined);
  const { values, batches } = await arrived();
  const { records, twoWays, broken } = evidenceOnce(enclave.broker.evidence);
  const [pushed = 0] = acknowledged;
  const there = new Set([...values, ...refused]);
  const missing = Array.from({ length: pushed + refused.length }, (_, at) => at).filter((at) => !there.has(at)).length;
  const opened = openings();
  const lost = told.entered.filter((session) => !opened.includes(session)).length;
  const named = records.filter(({ kind }) => kind === 'flow.delivered').flatMap(({ documents }) => documents);
  const delivered = named.filter((one) => batches.includes(one));
  return {
    figures: {
      kills,
      evidenceLost: lost + broken + twoWays + missing + new Set(batches).size - new Set(delivered).size,
      duplicateEffects: repeats(opened) + repeats(values) + repeats(delivered),
      sessionsAliveAfterCut,
      unauthorisedBytes: late.length,
    },
    seen: {
      lost,
      broken,
      twoWays,
      missing,
      batches: batches.length,
      delivered: delivered.length,
      values: values.length,
      pushed,
      records: records.length,
    },
    twice: { sessions: repeats(opened), values: repeats(values), deliveries: repeats(delivered) },
  };
}
const openings = () =>
  evidenceOnce(enclave.broker.evidence).records.flatMap(({ kind, session }) =>
    kind === 'session.opened' && session !== null ? [session] : [],
  );

const flows = async () =>
  ((await (await fetch(`http://127.0.0.1:${localPort}/state`)).json()) as { flows: unknown[] }).flows;
await until('the flow runs', async () => (await flows()).length === 1);
const loops = [technician(), technician(), collector()];
await killAtRandom();
over = true;
await Promise.all(loops).catch((cause: unknown) => failures.push(String(cause)));
await until('both sides say "still agreed" again', async () => (await enclave.state()).leases === 2).catch((cause) =>
  failures.push(String(cause)),
);
const { figures, seen, twice } = await judge();
await enclave[Symbol.asyncDispose]();
await beside?.stop();
await region[Symbol.asyncDispose]();
press.stop();
rmSync(enclave.folder, { recursive: true, force: true });
const answer = {
  id: 'R1',
  figures,
  conditions: {
    ...{ area, quick: isQuick(), sessionsEntered: told.entered.length, sessionsCut: told.cutAt.size },
    ...{ turnedAway: told.turnedAway },
    ...{ seen, twice, failures: failures.slice(0, 20) },
    killed,
    how: 'gateway (as it is shipped) and region by SIGKILL, the scanner with its connections; the broker keeps every cut from the gateway',
    evidenceLost:
      'openings without a record, faults of the chain, records said in two ways, acknowledged events and batches that never arrived',
    duplicateEffects: 'sessions opened twice, events that arrived twice, batches recorded as delivered twice',
    sessionsAliveAfterCut: 'sessions of before in a process that started after them, entries under a cut grant',
    unauthorisedBytes: 'grants under which the machine heard a byte after the cut was acknowledged',
    ...{ durability: 'fsync on', cores: availableParallelism(), node: process.version },
  },
  peers: {},
  seconds: Math.round((performance.now() - began) / 100) / 10,
};
const bad = failures.length > 0 || Object.entries(figures).some(([name, value]) => name !== 'kills' && value !== 0);
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(bad || told.cutAt.size === 0 ? 1 : 0));
