// P10: what a gateway costs a small computer: its bundle as it is shipped, in a process of its own, idle and with 100 live sessions.

import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { aLoad } from '../scenarios/enclave/a-load.js';
import { until } from '../scenarios/enclave/an-enclave.js';
import { BUNDLE, shippedGateway } from '../scenarios/enclave/shipped-gateway.js';

const SESSIONS = 100;
const AT_ONCE = 10;
const MIB = 1024 * 1024;

const round = (value: number): number => Number(value.toFixed(1));

const began = performance.now();
const gateway = shippedGateway();
const load = await aLoad(gateway.processes);
const idle = gateway.memory();
await load.enterMany(SESSIONS, AT_ONCE);
await until('a hundred are live', async () => (await load.enclave.state()).sessions === SESSIONS);
const busy = gateway.memory();
await load[Symbol.asyncDispose]();
const answer = {
  id: 'P10',
  figures: {
    idleMiB: round(idle.resident),
    with100SessionsMiB: round(busy.resident),
    bundleMiB: round(statSync(BUNDLE).size / MIB),
    startMs: Math.round(gateway.startMs()),
  },
  conditions: {
    sessions: SESSIONS,
    streams: 'one open stream in each session',
    agreements: 1,
    peakMiB: round(busy.peak),
    idle: 'one agreement held, both sides beating',
    memory: 'VmRSS of the shipped bundle, Node included',
    cores: availableParallelism(),
    node: process.version,
  },
  seconds: round((performance.now() - began) / 1_000),
};
process.stdout.write(`${JSON.stringify(answer)}\n`);
process.exit(0);
