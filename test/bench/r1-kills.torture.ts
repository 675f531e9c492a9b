// R1: agree, grant and cut in a loop, while every process of a broker with two of each service, three buses and a database, two relays, the gateway of
// a plant and the agents of both companies are killed at random; technicians enter that plant, speak to its machine and are cut. What was acknowledged must be there once; what was
// cut must open nowhere and end within its lease. `--rolling` also restarts every process of the broker one after the other, as an operator does it, under one session that
// must be the same at the end.

import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connectToBus } from '@interlock/chassis';
import { FACTS } from '@interlock/contracts';
import type { Digest } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import type { Partnership } from '@interlock/testkit/builders';
import { jetstreamManager } from '@nats-io/jetstream';
import { areasAsked, isQuick } from './area.js';
import { companyAgents } from './replicas/company-agents.js';
import { type Inside, type LivePlant, livePlant } from './replicas/live-plant.js';
import { logsOfManyHistories } from './replicas/one-history.js';
import { type ReplicatedBroker, replicatedBroker } from './replicas/replicated-broker.js';
import { type Acknowledged, persist, storyOfOne } from './replicas/story-of-one.js';

const began = performance.now();
const area = process.argv.includes('--area') ? areasAsked('R1', { audit: 'audit', story: 'story' })[0]?.[1] : 'story';
/** The area of the audit service kills it, what keeps its logs and what brings its news; that of the story everything there is. */
const AIMED = area === 'audit' ? /^(audit-|bus-|database$)/ : /./;
const WANTED = isQuick() ? 20 : 200;
const MOST_MS = isQuick() ? 90_000 : 1_200_000;

/** One record of each of these, two of the yes of two approvers. */
const OF_A_GRANT: Readonly<Record<string, number>> = {
  'grant.requested': 1,
  'grant.approved': 2,
  'grant.activated': 1,
};

const broker = await replicatedBroker(2);
const killed: Record<string, number> = {};
const told: Acknowledged[] = [];
const failures: string[] = [];
const folder = mkdtempSync(join(tmpdir(), 'interlock-r1-companies-'));
let over = false;
let kills = 0;
let figures = {};
const rolled: string[] = [];
let plant: LivePlant | undefined;
const live = { entered: 0, cut: 0, outlived: 0, enteredAgain: 0, acts: [] as Digest[] };
let sessionsDropped = 0;
let streamReplicas = 0;
let logs = {};
let endedByThemselves: string[] = [];
try {
  streamReplicas = await copiesOfFacts();
  const companies = await companyAgents(folder, broker, broker.keys);
  const { who } = companies;
  await publish(broker, who);
  plant = await livePlant(broker, companies);
  const loops = [tellStories(who), enterAndCut(plant)];
  await killAtRandom(plant);
  if (process.argv.includes('--rolling')) await rollAll(plant);
  over = true;
  await Promise.all(loops);
  await settled();
  const { histories, ...looked } = await logsOfManyHistories(broker);
  logs = looked;
  figures = { kills, ...(await judge(plant)), histories };
  endedByThemselves = [...broker.endedByThemselves, ...plant.endedByThemselves];
} finally {
  await plant?.stop();
  await broker.stop();
  rmSync(folder, { recursive: true, force: true });
}
const answer = {
  id: 'R1',
  figures,
  conditions: {
    ...{ area, logs, quick: isQuick(), replicas: 2, buses: 3, streamReplicas, rolled, sessionsDropped },
    ...{ stories: told.length, sessionsEntered: live.entered, sessionsCut: live.cut },
    ...{ killed, failures: failures.slice(0, 20), endedByThemselves },
    durability: 'fsync on',
    sessionsAliveAfterCut:
      'admissions by the broker after an acknowledged cut, sessions at a gateway that outlived cut and lease, entries under a cut grant',
    unauthorisedBytes: 'what the machine heard under a grant after its cut and lease, or under no grant',
    agents:
      'of both companies, each a process as it is shipped: they say "still agreed", cosign, and the cuts of live sessions are theirs',
    clamd: 'no part of the story asks it',
    ...{ cores: availableParallelism(), node: process.version },
  },
  peers: {},
  seconds: Math.round((performance.now() - began) / 100) / 10,
};
const bad =
  failures.length > 0 ||
  endedByThemselves.length > 0 ||
  sessionsDropped > 0 ||
  live.cut === 0 ||
  streamReplicas !== 3 ||
  Object.entries(figures).some(([name, value]) => name !== 'kills' && value !== 0);
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(bad ? 1 : 0));

async function publish(to: ReplicatedBroker, who: Partnership): Promise<void> {
  for (const { entity } of [who.vendor, who.buyer]) await persist(to, null, 'PUT', '/v1/entities', { entity });
  const lists = [
    [who.vendorAgent.signer, [who.technician, who.vendorAgent, who.recipient]],
    [who.buyerAgent.signer, [who.approver, who.secondApprover, who.buyerAgent, who.gateway]],
  ] as const;
  for (const [by, holders] of lists)
    await persist(to, by, 'PUT', '/v1/certificates', { certificates: holders.map(({ certificate }) => certificate) });
}

async function tellStories(who: Partnership): Promise<void> {
  while (!over) {
    try {
      told.push(await storyOfOne(broker, who));
    } catch (thrown) {
      failures.push(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }
}

/**
 * One at a time: a cluster of three lives with one that is away, and the database has no second. In an order that nobody chose, each once before any
 * comes again: a short run kills every part of it too.
 */
async function killAtRandom(at: LivePlant): Promise<void> {
  let left: string[] = [];
  while (kills < WANTED && performance.now() - began < MOST_MS) {
    if (left.length === 0) left = [...broker.victims, ...at.victims].filter((one) => AIMED.test(one));
    const [victim = ''] = left.splice(Math.floor(Math.random() * left.length), 1);
    await (at.victims.includes(victim) ? at.kill(victim) : broker.kill(victim));
    kills += 1;
    killed[victim] = (killed[victim] ?? 0) + 1;
    process.stderr.write(`\r${kills} kills, ${told.length} stories `);
    await pause(Math.random() * 300);
  }
}

/** As the cluster says, not as it was told. */
async function copiesOfFacts(): Promise<number> {
  const bus = await connectToBus({ url: broker.buses.urlFor('trust-registry'), service: 'trust-registry' });
  const { config } = await (await jetstreamManager(bus)).streams.info(FACTS);
  await bus.close();
  return config.num_replicas;
}

/** Technicians of the live plant: each enters, speaks, and is cut. A gateway or relay that was killed meanwhile ended the session itself. */
async function enterAndCut(at: LivePlant): Promise<void> {
  while (!over) {
    try {
      const inside = await at.enter();
      live.entered += 1;
      if (!(await inside.answers())) continue;
      await cutOff(at, inside);
    } catch (thrown) {
      failures.push(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }
}

async function cutOff(at: LivePlant, inside: Inside): Promise<void> {
  const { act, outlived, entersAgain } = await at.cut(inside);
  live.cut += 1;
  live.acts.push(digestOf(act));
  if (outlived) live.outlived += 1;
  if (entersAgain) live.enteredAgain += 1;
}

/** Every process of the broker, one after the other, under one session: it is the same before and after each. */
async function rollAll(at: LivePlant): Promise<void> {
  const kept = await at.enter();
  let ended = false;
  void kept.remote.session.closed.then(() => (ended = true));
  for (const victim of broker.victims) {
    const before = told.length;
    await broker.roll(victim);
    rolled.push(victim);
    if (ended || !(await kept.answers())) {
      sessionsDropped += 1;
      failures.push(`the session did not live through a restart of ${victim}`);
      return;
    }
    for (const end = Date.now() + 60_000; told.length === before; await pause(50))
      if (Date.now() > end) throw new Error(`no story came to its end after ${victim} was restarted`);
  }
  await cutOff(at, kept);
}

/** Nothing waits in an outbox, and nothing waits for its place in a log. */
async function settled(): Promise<void> {
  const waiting = `select event_id from trust_registry.outbox where published_at is null
    union all select event_id from grants.outbox where published_at is null union all select position::text from audit.pending`;
  for (const end = Date.now() + 60_000; (await broker.database.query(waiting)).length > 0; await pause(100))
    if (Date.now() > end) throw new Error('facts or evidence still wait after 60 s');
  // What an agent has said to be done is on its disk, and comes to the broker when both are there. What is missing then is counted as lost.
  for (const end = Date.now() + 60_000; Date.now() < end; await pause(500)) {
    const found = await Promise.all(live.acts.map(kindsNaming));
    if (found.every((kinds) => Object.keys(kinds).length > 0)) return;
  }
}

async function judge(at: LivePlant) {
  let [evidenceLost, duplicateEffects] = [0, 0];
  let sessionsAliveAfterCut = live.outlived + live.enteredAgain;
  const compare = (have: number, wanted: number) => {
    evidenceLost += Math.max(0, wanted - have);
    duplicateEffects += Math.max(0, have - wanted);
  };
  for (const { agreement, grant, act, afterCut } of told) {
    const ofGrant = await kindsNaming(grant);
    for (const [kind, wanted] of Object.entries(OF_A_GRANT)) compare(ofGrant[kind] ?? 0, wanted);
    compare((await kindsNaming(agreement))['agreement.activated'] ?? 0, 1);
    const ofAct = Object.values(await kindsNaming(act));
    if (ofAct.length === 0) evidenceLost += 1;
    for (const times of ofAct) compare(times, 1);
    sessionsAliveAfterCut += afterCut.filter(({ status }) => status < 300).length;
  }
  for (const act of live.acts) {
    const ofAct = Object.values(await kindsNaming(act));
    if (ofAct.length === 0) evidenceLost += 1;
    for (const times of ofAct) compare(times, 1);
  }
  return { evidenceLost, duplicateEffects, sessionsAliveAfterCut, unauthorisedBytes: at.unauthorisedBytes() };
}

/** How many records of each kind rest on a document, in the logs and not only before their door. */
async function kindsNaming(digest: string): Promise<Record<string, number>> {
  const rows = await broker.database.query<{ kind: string; times: string }>(
    `select a.body ->> 'kind' as kind, count(*) as times from audit.appended a join audit.entry e using (position)
     where a.body -> 'documents' @> to_jsonb($1::text) or a.body ->> 'grant' = $1 group by 1`,
    [digest],
  );
  return Object.fromEntries(rows.map(({ kind, times }) => [kind, Number(times)]));
}
