// P11: what 1,000 agreements of 100 flows cost. A region's bus from empty to everything as planned, against 100 agreements of 10 flows in the
// same run; its memory; the first client after the bus was killed; and one company's agent that beats for 1,000 agreements.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { issueUser } from '@interlock/bus';
import { BUYER, signByBoth, VENDOR, type World, world } from '../../apps/company-agent/test/world.js';
import { aFlow, anAgreement } from '../../libs/bus/test/agreements.js';
import { newUserKey, RegionServer, seconds } from '../../libs/bus/test/region-server.js';

const quick = process.argv.includes('--quick');
const BEAT_SECONDS = quick ? 3 : 10;
const AGREEMENTS = 1_000;
const AT_ONCE = 8;
const began = performance.now();
const say = (line: string) => console.error(line);
const since = (start: number, digits = 2) => Number(((performance.now() - start) / 1000).toFixed(digits));

/** Resident memory of a process in MiB. */
function residentMiB(pid: number): number {
  const kiB = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kiB) / 1024);
}

const planned = (agreements: number, flows: number) => ({
  region: 'eu',
  agreements: Array.from({ length: agreements }, (_, at) =>
    anAgreement(`${at}`, {
      organisations: ['plant.example', `vendor-${at}.example`],
      flows: Array.from({ length: flows }, (_each, flow) =>
        aFlow(`f${flow}`, { recipients: [`vendor-${at}.example`], maxBytes: 10_000 }),
      ),
    }),
  ),
});

/** Seconds from an empty bus to one that is as planned, with what is needed for the parts that follow. */
async function started(agreements: number, flows: number) {
  const bus = await RegionServer.start('eu', undefined, { maxFileBytes: 20_000_000_000 });
  // Where this fails, nothing of it goes on.
  process.once('exit', () => bus.endNow());
  const start = performance.now();
  const plan = bus.compile(planned(agreements, flows));
  const compiledSeconds = since(start, 3);
  const { accounts, streams } = await bus.reconcile(plan);
  if (accounts.failed.length + streams.failed.length + plan.refused.length > 0) throw new Error('not as planned');
  const taken = since(start);
  say(`${agreements} agreements of ${flows} flows: ${taken} s, of which ${compiledSeconds} s to compile`);
  return { bus, plan, seconds: taken, compiledSeconds, streams: plan.streams.length, accounts: plan.accounts.length };
}

/** From the start of a killed server's successor to a client of the last agreement whose message is stored. */
async function firstClient({ bus, plan }: Awaited<ReturnType<typeof started>>): Promise<number> {
  const last = plan.templates.filter(({ role }) => role === 'publisher').at(-1);
  if (last?.role !== 'publisher') throw new Error('no publisher in the plan');
  await bus.kill();
  const start = performance.now();
  await bus.run();
  const key = newUserKey();
  const ask = { template: last, publicKey: key.publicKey, lifeSeconds: 300, rightEndsAt: seconds() + 300 };
  const user = issueUser(
    { ...ask, flows: [last.flows[0]?.flowId ?? ''] },
    bus.keys.accountKeys(last.account).signer,
    seconds(),
  );
  if (!user.allowed) throw new Error(user.refusal.code);
  const client = await bus.open(() => user.value.jwt, key);
  const answer = await client.request(last.flows[0]?.subject ?? '', 'first', { timeout: 30_000 });
  if (JSON.parse(answer.string()).error) throw new Error(answer.string());
  return since(start);
}

async function busFigures() {
  const small = await started(100, 10);
  await small.bus[Symbol.asyncDispose]();
  const large = await started(AGREEMENTS, 100);
  const miB = residentMiB(large.bus.pid);
  const again = performance.now();
  const second = await large.bus.reconcile(large.plan);
  if (second.accounts.pushed.length + second.streams.updated.length > 0)
    throw new Error('a second pass changed something');
  const secondPassSeconds = since(again);
  const firstClientSeconds = await firstClient(large);
  await large.bus[Symbol.asyncDispose]();
  return {
    figures: {
      seconds100x10: small.seconds,
      seconds1000x100: large.seconds,
      miB1000x100: miB,
      growth: Number((large.seconds / small.seconds / 100).toFixed(3)),
      firstClientSeconds,
    },
    conditions: {
      secondPassSeconds,
      compiledSeconds: large.compiledSeconds,
      streams: large.streams,
      accounts: large.accounts,
      reconcilerMiB: residentMiB(process.pid),
    },
  };
}

interface BeatFrame {
  readonly t: string;
  readonly beat?: { readonly document: { readonly nonce: string } };
}

/** Asks for one beat over the channel, as a gateway's nonce reaches an agent; undefined where none came in time. */
async function beat({ broker }: World, agreementId: string, ms: number): Promise<BeatFrame['beat']> {
  const nonce = randomBytes(16).toString('base64url');
  const end = performance.now() + ms;
  const receiver = { organisation: BUYER, id: 'plant-gateway' };
  broker.send(VENDOR, { t: 'nonce', agreementId, receiver, nonce });
  while (performance.now() < end) {
    const at = broker.frames.findIndex(({ frame }) => (frame as BeatFrame).beat?.document.nonce === nonce);
    if (at >= 0) return (broker.frames.splice(at, 1)[0]?.frame as BeatFrame | undefined)?.beat;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return undefined;
}

/** As many agreements of one vendor as there are beats to make: the agent finds them at its broker and verifies each before it beats. */
async function manyAgreements(w: World): Promise<readonly string[]> {
  const ids = [w.agreement.id];
  while (ids.length < AGREEMENTS) {
    const id = `agr_${String(ids.length).padStart(26, '0')}` as typeof w.agreement.id;
    const signed = await signByBoth({ ...w.agreement, id }, w.vendor.dir, w.buyer.dir);
    w.broker.agreements.set(id, { signed, status: 'active' });
    ids.push(id);
  }
  return ids;
}

/** Seconds from the start of the vendor's agent until it has beaten once for each agreement. */
async function beatsForAll(w: World, ids: readonly string[]): Promise<number> {
  await w.restart(w.vendor);
  const start = performance.now();
  for (const id of ids)
    while (!(await beat(w, id, 1_000))) if (since(start) > 120) throw new Error(`no beat for ${id}`);
  return since(start);
}

async function beatFigures() {
  const w = await world();
  const ids = await manyAgreements(w);
  const learnSeconds = await beatsForAll(w, ids);
  const agentSeconds = await beatsForAll(w, ids);
  say(
    `an agent beats for ${ids.length} agreements after ${learnSeconds} s, and after ${agentSeconds} s where it knew them`,
  );
  const until = performance.now() + BEAT_SECONDS * 1000;
  const counting = performance.now();
  const sizes: number[] = [];
  let at = 0;
  const worker = async () => {
    while (performance.now() < until) {
      const made = await beat(w, ids[at++ % ids.length] ?? '', 10_000);
      if (!made) throw new Error('a beat did not come');
      sizes.push(Buffer.byteLength(JSON.stringify(made)));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const counted = (performance.now() - counting) / 1000;
  await w.close();
  const bytes = sizes.reduce((sum, one) => sum + one, 0);
  return {
    figures: { beatsPerSecond: Math.round(sizes.length / counted), beatBytes: Math.round(bytes / sizes.length) },
    conditions: { learnSeconds, agentSeconds, agreementsOfTheAgent: ids.length, beatsAtOnce: AT_ONCE, of: VENDOR },
  };
}

const bus = await busFigures();
const beats = await beatFigures();
console.log(
  JSON.stringify({
    id: 'P11',
    figures: { ...bus.figures, ...beats.figures },
    conditions: {
      ...bus.conditions,
      ...beats.conditions,
      durability: 'file streams, written at once',
      beats: 'one signature each, asked over the channel by the same process',
      cores: availableParallelism(),
      node: process.version,
    },
    peers: {},
    seconds: since(began),
  }),
);
process.exit(0);
