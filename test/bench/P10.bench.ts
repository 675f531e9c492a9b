// P10: what a gateway costs a small computer: its bundle as it is shipped, in a process of its own, idle and with 100 live sessions.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { aLoad } from '../scenarios/enclave/a-load.js';
import { ownProcess, type Processes, until } from '../scenarios/enclave/an-enclave.js';

const SESSIONS = 100;
const AT_ONCE = 10;
const BUNDLE = 'dist/apps/edge-gateway/main.js';
const MIB = 1024 * 1024;

let gateway: ChildProcess | undefined;
let startMs = Number.NaN;

/** The shipped bundle, with nothing but its folder to go by. */
const shipped: Processes = {
  startRelay: () => ownProcess.startRelay(30_000),
  startGateway: async (folder, beatSeconds) => {
    const began = performance.now();
    const env = { PATH: process.env.PATH, GATEWAY_FOLDER: folder, GATEWAY_BEAT_SECONDS: String(beatSeconds) };
    const child = spawn(process.execPath, [BUNDLE], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    gateway = child;
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    startMs = performance.now() - began;
    const { port } = JSON.parse(line) as { port: number };
    const close = async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    };
    return { localPort: port, close };
  },
};

/** Resident memory of the gateway now, in MiB; the highest it ever had as `peak`. */
function memory(): { resident: number; peak: number } {
  const status = readFileSync(`/proc/${gateway?.pid}/status`, 'utf8');
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
  return { resident: kib('VmRSS') / 1024, peak: kib('VmHWM') / 1024 };
}
const round = (value: number): number => Number(value.toFixed(1));

const began = performance.now();
process.once('exit', () => gateway?.kill());
const load = await aLoad(shipped);
const idle = memory();
await load.enterMany(SESSIONS, AT_ONCE);
await until('a hundred are live', async () => (await load.enclave.state()).sessions === SESSIONS);
const busy = memory();
await load[Symbol.asyncDispose]();
const answer = {
  id: 'P10',
  figures: {
    idleMiB: round(idle.resident),
    with100SessionsMiB: round(busy.resident),
    bundleMiB: round(statSync(BUNDLE).size / MIB),
    startMs: Math.round(startMs),
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
