// What each format of data costs: the same observations of one machine as what a collector pushes, and as the objects that a recipient keeps. Bytes of each observation, and
// observations read or written in a second on one core; against JSON.parse and JSON.stringify of the same values.

import { availableParallelism } from 'node:os';
import { NDJSON, PARQUET } from '@interlock/client';
import { readPush } from '@interlock/contracts';
import type { Digest } from '@interlock/domain';

const quick = process.argv.includes('--quick');
const LEAST_MS = quick ? 400 : 2_000;
const KEYS = Array.from({ length: 20 }, (_, at) => `press_force_${at}`);
const SAYINGS = 20;
const at = (n: number) => new Date(Date.UTC(2026, 10, 1) + n * 1_000).toISOString();
const forceOf = (n: number, k: number) => Math.round(Math.sin(n + k) * 100_000) / 100;
const said = Array.from({ length: SAYINGS }, (_, n) => ({
  time: at(n),
  values: Object.fromEntries(KEYS.map((key, k) => [key, forceOf(n, k)])),
}));
const OBSERVATIONS = SAYINGS * KEYS.length;
const began = performance.now();
const round = (value: number) => Math.round(value * 10) / 10;

/** Observations in a second, of work that does `each` of them. */
function rate(work: () => unknown, each = OBSERVATIONS): number {
  work();
  let times = 0;
  const from = performance.now();
  while (performance.now() - from < LEAST_MS) {
    work();
    times += 1;
  }
  return Math.round((times * each) / ((performance.now() - from) / 1_000));
}

const source = '//delta-foods.example/press-7';
const events = said.map(({ time, values }, n) => ({
  ...{ specversion: '1.0', id: String(n), source, type: 'machine.telemetry', time, data: values },
}));
const opcUa = {
  ...{ MessageId: 'm', MessageType: 'ua-data', PublisherId: 'press-7' },
  Messages: said.map(({ time, values }, n) => ({
    ...{ DataSetWriterId: 1, SequenceNumber: n, Timestamp: time, MessageType: 'ua-deltaframe' },
    Payload: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { Value: value }])),
  })),
};
const shdr = said.map(({ time, values }) => `${time}|${Object.entries(values).flat().join('|')}`).join('\n');
const machine = '/v1/machines/delta-foods.example/press-7';
const PUSHED = {
  CloudEvents: ['/v1/events', 'application/cloudevents-batch+json', JSON.stringify(events)],
  OpcUaPubSub: [`${machine}/opcua-pubsub`, 'application/json', JSON.stringify(opcUa)],
  Shdr: [`${machine}/shdr`, 'text/plain', shdr],
} as const;

const figures: Record<string, number> = {};
for (const [name, [path, type, text]] of Object.entries(PUSHED)) {
  const body = Buffer.from(text);
  const push = { path, headers: { 'content-type': type }, body };
  const read = readPush(push, (line) => line.slice(0, 22), Date.UTC(2026, 10, 2));
  if (!read.allowed) throw new Error(`${name}: ${read.refusal.code}`);
  const found = read.value.reduce((sum, one) => sum + (one.read.allowed ? one.read.value.readings.length : 0), 0);
  if (found !== OBSERVATIONS) throw new Error(`${name}: ${found} observations of ${OBSERVATIONS}`);
  figures[`bytesEach${name}`] = round(body.length / OBSERVATIONS);
  figures[`readPerSecond${name}`] = rate(() => readPush(push, (line) => line.slice(0, 22), Date.UTC(2026, 10, 2)));
}
const MOST = 200;
const rows = Array.from({ length: MOST }, (_, n) =>
  said.flatMap(({ time, values }) =>
    Object.entries(values).map(([key, value]) => ({
      ...{ offset: n, batch: `sha256:${'A'.repeat(43)}` as Digest, machine: 'delta-foods.example/press-7' },
      ...{ product: 'press-telemetry', flow: 'grt_0123456789abcdefghjkmnpqrs', sequence: n, presenter: null },
      ...{ at: time, key, value: String(Math.round((value + n * 1.37) * 100) / 100) },
    })),
  ),
).flat();
for (const [name, format] of [
  ['Ndjson', NDJSON],
  ['Parquet', PARQUET],
] as const) {
  figures[`bytesEach${name}`] = round(format.encode(rows).length / (MOST * OBSERVATIONS));
  figures[`writtenPerSecond${name}`] = rate(() => format.encode(rows), MOST * OBSERVATIONS);
}
const bare = JSON.stringify(said);
const peers = {
  jsonParsePerSecond: rate(() => JSON.parse(bare) as unknown),
  jsonStringifyPerSecond: rate(() => JSON.stringify(said)),
};
const conditions = {
  observations: OBSERVATIONS,
  keys: KEYS.length,
  quick,
  cores: availableParallelism(),
  node: process.version,
};
const seconds = round((performance.now() - began) / 1_000);
process.stdout.write(`${JSON.stringify({ id: 'data-formats', figures, conditions, peers, seconds })}\n`);
