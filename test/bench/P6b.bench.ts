// P6b: inspected telemetry. Each event is read, judged against the flow (keys, labels, lease, verdicts), minimised, sealed, on the gateway's disk before it
// is answered, and on the region's disk at the end; against publish-with-ack of the same bytes by the same client into the same stream.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkRegion, shownBy } from '@interlock/company-side';
import { busUser } from '@interlock/contracts';
import { newNkey, thumbprintOf } from '@interlock/proof';
import { aCollectingPlant, key } from '../../apps/edge-gateway/test/a-collecting-plant.js';
import { aRegion } from '../../apps/edge-gateway/test/a-region.js';

const quick = process.argv.includes('--quick');
const EVENTS = quick ? 2_000 : 6_000;
const BATCHES = quick ? 100 : 200;
const ROUNDS = quick ? 1 : 3;
const IN_FLIGHT = 100;
const started = performance.now();
const NAMES = Array.from({ length: 20 }, (_, at) => `press_force_${at}`);

const folder = mkdtempSync(join(tmpdir(), 'interlock-p6b-'));
const region = await aRegion({ maxBytes: 4_000_000_000, syncAlways: true });
const plant = await aCollectingPlant(region, folder, { keys: NAMES.map((name) => key(name, { unit: 'kN' })) }, [
  'LINE3',
]);
await region.serve(plant.right);
const leaf = thumbprintOf(plant.collectors.historian.signer.key);

let made = 0;
const eventOf = (bytes: number) => {
  const event = {
    ...{
      specversion: '1.0',
      id: `event-${++made}`,
      source: '//delta-foods.example/press-7',
      type: 'machine.telemetry',
    },
    time: '2026-11-01T08:00:00.123Z',
    data: Object.fromEntries(NAMES.map((name) => [name, Math.random() * 1_000])),
    pad: '',
  };
  return { ...event, pad: 'x'.repeat(Math.max(0, bytes - JSON.stringify(event).length)) };
};
const single = () => JSON.stringify(eventOf(1_000));
const batch = () => JSON.stringify(Array.from({ length: 64 }, () => eventOf(1_010)));
const observationsIn = { single: NAMES.length, batch: 64 * NAMES.length };

/** Runs `work` over all bodies, at most `width` at once, and says how many were done in a second. */
async function rate(
  bodies: readonly Buffer[],
  width: number,
  work: (body: Buffer) => Promise<void>,
  end = () => Promise.resolve(),
) {
  let next = 0;
  const begun = performance.now();
  const lane = async () => {
    for (let body = bodies[next++]; body; body = bodies[next++]) await work(body);
  };
  await Promise.all(Array.from({ length: width }, lane));
  await end();
  return bodies.length / ((performance.now() - begun) / 1_000);
}

const spool = join(folder, 'flows', plant.right.grant.id);
const allInRegion = async () => {
  while (readdirSync(spool).some((name) => name.endsWith('.sealed'))) await new Promise((done) => setTimeout(done, 2));
};
const push = (type: string) => async (body: Buffer) => {
  const taken = await plant.taker.take({ path: '/v1/events', headers: { 'content-type': type }, body }, leaf);
  const codes = taken.allowed ? taken.value.events.map((one) => one.code) : [taken.refusal.code];
  if (codes.some((code) => code !== 'accepted')) throw new Error(codes.join());
};

async function peer() {
  const endpoint = { host: '127.0.0.1', port: region.port };
  const key = newNkey('user');
  const user = await region.broker.post('', { nkey: key.publicKey }, busUser);
  if (!user.allowed) throw new Error(user.refusal.code);
  const { jwt, inboxPrefix, flows } = user.value;
  const link = await linkRegion(endpoint, await shownBy(endpoint), { jwt, inboxPrefix, key });
  if (!link.allowed) throw new Error(link.refusal.code);
  const subject = flows[0]?.subject ?? '';
  let id = 0;
  return async (body: Buffer) => {
    await link.value.stream.publish(subject, body, { msgID: `peer-${++id}` });
  };
}

const publish = await peer();
const rates = { events: [0], plainEvents: [0], batches: [0], plainBatches: [0] };
for (let round = 0; round <= ROUNDS; round++) {
  const events = Array.from({ length: EVENTS }, () => Buffer.from(single()));
  const batches = Array.from({ length: BATCHES }, () => Buffer.from(batch()));
  const [one, many] = ['application/cloudevents+json', 'application/cloudevents-batch+json'].map(push);
  const now = {
    events: await rate(events, IN_FLIGHT, one as typeof publish, allInRegion),
    plainEvents: await rate(events, IN_FLIGHT, publish),
    batches: await rate(batches, IN_FLIGHT, many as typeof publish, allInRegion),
    plainBatches: await rate(batches, IN_FLIGHT, publish),
  };
  console.error(
    Object.entries(now)
      .map(([name, value]) => `${name} ${Math.round(value)}/s`)
      .join(', '),
  );
  // The first round warms up.
  for (const name of Object.keys(now) as (keyof typeof now)[]) {
    if (round === 0) rates[name] = [];
    else rates[name].push(now[name]);
  }
}
await plant[Symbol.asyncDispose]();
await region[Symbol.asyncDispose]();
rmSync(folder, { recursive: true, force: true });

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const [events, plainEvents, batches, plainBatches] = [
  rates.events,
  rates.plainEvents,
  rates.batches,
  rates.plainBatches,
].map(median) as [number, number, number, number];
const ratio = (ours: number, theirs: number) => Number((ours / theirs).toFixed(3));
console.log(
  JSON.stringify({
    id: 'P6b',
    figures: {
      batchRatio: ratio(batches, plainBatches),
      eventRatio: ratio(events, plainEvents),
      eventsPerSecond: Math.round(events),
      batchesPerSecond: Math.round(batches),
      observationsPerSecond: Math.round(Math.max(events * observationsIn.single, batches * observationsIn.batch)),
    },
    conditions: {
      ...{
        events: EVENTS,
        batches: BATCHES,
        eventBytes: 1_000,
        batchBytes: 64 * 1_010,
        inFlight: IN_FLIGHT,
        rounds: ROUNDS,
        cores: cpus().length,
      },
      durability: 'fsync before each answer at the gateway, and sync_interval always in the region, for the peer too',
      counted:
        'from the first push to the last batch on the disk of the region; TLS of the door itself is not in it, TLS to the region is',
      grants: 1,
    },
    peers: {
      plainEventsPerSecond: Math.round(plainEvents),
      plainBatchesPerSecond: Math.round(plainBatches),
      what: 'JetStream publish with ack of the same bodies, same client library, stream and server',
    },
    seconds: Number(((performance.now() - started) / 1_000).toFixed(1)),
  }),
);
process.exit(0);
