// R6 --area data: what strangers and a certified collector can send to a door for pipelines. Afterwards one event must still be taken and reach the region,
// and nothing that was refused may be in it.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { aCollectingPlant, key } from '../../apps/edge-gateway/test/a-collecting-plant.js';
import { aRegion } from '../../apps/edge-gateway/test/a-region.js';

const JSON_BATCH = 'application/cloudevents-batch+json';
const SPARKPLUG = '/v1/machines/delta-foods.example/press-7/sparkplug/spBv1.0/hall/NDATA/press';
const round = (value: number) => Math.round(value * 10) / 10;

type Plant = Awaited<ReturnType<typeof aCollectingPlant>>;
type Sent = Parameters<Plant['push']>[1];

const deep = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const event = (over: object) =>
  JSON.stringify([{ specversion: '1.0', id: 'x', source: '//delta-foods.example/press-7', ...over }]);

/** One input of each kind that a collector in the wrong hands sends. */
const inputs = (at: number): readonly Sent[] => [
  { type: JSON_BATCH, body: randomBytes(2_000) },
  { type: JSON_BATCH, body: '[' },
  { type: JSON_BATCH, body: JSON.stringify(Array.from({ length: 20 }, () => at)) },
  { type: JSON_BATCH, body: event({ type: 't', data: JSON.parse(deep(200)) as object }) },
  { type: JSON_BATCH, body: event({ type: 't', time: `${3_000 + at}-01-01T00:00:00Z`, data: { force: 1 } }) },
  { type: JSON_BATCH, body: event({ type: 't', __proto__: { force: 1 }, data: { constructor: 1, __proto__: 2 } }) },
  { type: JSON_BATCH, body: 'x'.repeat(70_000) },
  { type: JSON_BATCH, body: gzipSync(Buffer.alloc(30_000_000)), headers: { 'content-encoding': 'gzip' } },
  { type: JSON_BATCH, body: deflateSync(randomBytes(100)), headers: { 'content-encoding': 'gzip' } },
  { type: 'text/plain', body: '|'.repeat(30_000), path: '/v1/machines/delta-foods.example/press-7/shdr' },
  { type: 'application/json', body: deep(500), path: '/v1/machines/delta-foods.example/press-7/opcua-pubsub' },
  { type: 'application/octet-stream', body: randomBytes(500), path: SPARKPLUG },
  { type: JSON_BATCH, body: '[]', path: `/v1/${'a'.repeat(5_000)}` },
  { type: JSON_BATCH, body: '[]', method: 'PUT' },
];

/** Bytes of a stranger, who has not even a connection with TLS. */
async function stranger(port: number, at: number): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port }).on('error', () => undefined);
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  socket.write(
    [randomBytes(600), 'POST /v1/events HTTP/1.1\r\n\r\n', Buffer.from([0x16, 3, 1, 0x40, 0])][at % 3] ?? '',
  );
  await Promise.race([once(socket, 'close'), new Promise((done) => setTimeout(done, 200))]);
  socket.destroy();
}

/** Whether an event is taken, and is all that the region was given since. */
async function goesOn(plant: Plant, pulled: () => Promise<unknown[]>): Promise<boolean> {
  const body = JSON.stringify([
    { ...(JSON.parse(event({ type: 't', data: { force: 4_711 } })) as object[])[0], id: 'after' },
  ]);
  const { status } = await plant.push(plant.collectors.historian, { type: JSON_BATCH, body });
  const found: string[] = [];
  for (const end = Date.now() + 20_000; found.length === 0 && Date.now() < end; )
    found.push(
      ...(await plant.opened(await pulled())).flatMap(({ batch }) => batch.observations.map(({ value }) => value)),
    );
  return status === 200 && found.join() === '4711';
}

/** Plays all of it and answers in the form of a torture. */
export async function garbageAtTheDoor(quick: boolean) {
  const began = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'interlock-r6-data-'));
  const region = await aRegion();
  const plant = await aCollectingPlant(region, folder, { keys: [key('force')] });
  await region.serve(plant.right);
  const [rounds, before] = [quick ? 10 : 100, process.memoryUsage.rss() / 2 ** 20];
  let [sent, peak, crashes] = [0, before, 0];
  const statuses: Record<string, number> = {};
  const blamed = () => (crashes += 1);
  process.on('uncaughtException', blamed);
  for (let at = 0; at < rounds; at += 1) {
    const { historian, edgeBox, press } = plant.collectors;
    const of = [historian, edgeBox, press, undefined][at % 4];
    for (const input of inputs(at)) {
      const { status } = await plant.push(of, input).catch(() => ({ status: 0 }));
      statuses[status] = (statuses[status] ?? 0) + 1;
      sent += 1;
    }
    await Promise.all(Array.from({ length: 10 }, (_, n) => stranger(plant.door.port, n)));
    sent += 10;
    peak = Math.max(peak, process.memoryUsage.rss() / 2 ** 20);
  }
  const after = await goesOn(plant, () => region.pulled());
  process.off('uncaughtException', blamed);
  await plant[Symbol.asyncDispose]();
  await region[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
  return {
    id: 'R6',
    figures: { inputs: sent, crashes: crashes + (after ? 0 : 1), peakMiB: round(peak) },
    conditions: {
      ...{
        area: 'data',
        cases: sent,
        rounds,
        quick,
        statuses,
        grownMiB: round(peak - before),
        goesOnAfterwards: after,
      },
      ...{ faultsOfTheServer: statuses[500] ?? 0, cores: availableParallelism(), node: process.version },
    },
    peers: {},
    seconds: round((performance.now() - began) / 1_000),
  };
}
