// A bounded soak of a gateway: its bundle as it is shipped keeps a hundred sessions that carry bytes, while sessions end and others begin. Its memory
// must stay where it was after the first minute. `--minutes N` (default 6); it stops by itself.

import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { aLoad, type LiveSession } from '../scenarios/enclave/a-load.js';
import { until } from '../scenarios/enclave/an-enclave.js';
import { shippedGateway } from '../scenarios/enclave/shipped-gateway.js';

const SESSIONS = 100;
/** Sessions that end and begin in each round, and bytes that every session carries in it. */
const CHANGED = 2;
const CHUNK = Buffer.alloc(16_384, 0x55);
const ROUND = 500;
const SAMPLE = 2_000;
const HEAP_MIB = 48;

const asked = process.argv.indexOf('--minutes');
const minutes = asked > 0 ? Number(process.argv[asked + 1]) : process.argv.includes('--quick') ? 2 : 6;
const warmUp = Math.min(60_000, (minutes * 60_000) / 4);
const round = (value: number): number => Number(value.toFixed(1));
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const began = performance.now();
// Without a bound the engine lets garbage lie for as long as there is room, and what grows for good could not be told from it.
const gateway = shippedGateway({ NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}` });
const load = await aLoad(gateway.processes);
const live: LiveSession[] = await load.enterMany(SESSIONS, 10);
await until('a hundred are live', async () => (await load.enclave.state()).sessions === SESSIONS);

let [carried, opened, lost] = [0, SESSIONS, 0];
const watched = (session: LiveSession) => {
  void session.dead.then(() => {
    if (live.includes(session)) lost += 1;
  });
};
live.forEach(watched);
const samples: { readonly at: number; readonly mib: number; readonly descriptors: number }[] = [];
const sampler = setInterval(() => {
  const at = performance.now() - began;
  samples.push({ at, mib: gateway.memory().resident, descriptors: gateway.descriptors() });
}, SAMPLE);

while (performance.now() - began < minutes * 60_000) {
  for (const { stream } of live)
    if (stream.writableLength < 4 * CHUNK.length) carried += stream.write(CHUNK) ? CHUNK.length : 0;
  for (let at = 0; at < CHANGED; at++) {
    live.shift()?.end();
    const next = await load.enter();
    watched(next);
    live.push(next);
    opened += 1;
  }
  await pause(ROUND);
}
clearInterval(sampler);
await until('the ended are gone', async () => (await load.enclave.state()).sessions === SESSIONS);

const settled = samples.filter(({ at }) => at > warmUp);
const third = Math.ceil(settled.length / 3);
const [first, last] = [settled.slice(0, third), settled.slice(-third)];
const [before, after] = [median(first.map(({ mib }) => mib)), median(last.map(({ mib }) => mib))];
const answer = {
  id: 'soak',
  figures: {
    minutes,
    sessions: SESSIONS,
    sessionsOpened: opened,
    sessionsLost: lost,
    firstThirdMiB: round(before),
    lastThirdMiB: round(after),
    grownMiB: round(after - before),
    peakMiB: round(gateway.memory().peak),
  },
  conditions: {
    heapBoundMiB: HEAP_MIB,
    carriedMiB: round(carried / 1_048_576),
    descriptors: {
      first: median(first.map((one) => one.descriptors)),
      last: median(last.map((one) => one.descriptors)),
    },
    warmUpSeconds: round(warmUp / 1_000),
    memory: 'VmRSS of the shipped bundle, Node included; median of the first and the last third after the warm-up',
    cores: availableParallelism(),
    node: process.version,
  },
  peers: {},
  seconds: round((performance.now() - began) / 1_000),
};
await load[Symbol.asyncDispose]();
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));
