import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { ownProcess, type Processes } from './an-enclave.js';

export const BUNDLE = 'dist/apps/edge-gateway/main.js';

export interface ShippedGateway {
  readonly processes: Processes;
  /** Resident memory of the gateway now, in MiB; the highest it ever had as `peak`. */
  memory(): { readonly resident: number; readonly peak: number };
  /** Files and sockets that it holds open now. */
  descriptors(): number;
  /** Ends it as a power cut does. */
  kill(): Promise<void>;
  /** Milliseconds from its start until it was ready. */
  startMs(): number;
}

/** The bundle as it is shipped, in a process of its own with nothing but its folder and these settings to go by; it ends with this process. */
export function shippedGateway(more: Readonly<Record<string, string>> = {}): ShippedGateway {
  let gateway: ChildProcess | undefined;
  let startMs = Number.NaN;
  process.once('exit', () => gateway?.kill());
  const start: Processes['startGateway'] = async (folder, beatSeconds) => {
    const began = performance.now();
    const env = { PATH: process.env.PATH, GATEWAY_FOLDER: folder, GATEWAY_BEAT_SECONDS: String(beatSeconds), ...more };
    const child = spawn(process.execPath, [BUNDLE], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    gateway = child;
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    startMs = performance.now() - began;
    const { port } = JSON.parse(line) as { port: number };
    const close = async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    };
    return { localPort: port, close };
  };
  const memory = () => {
    const status = readFileSync(`/proc/${gateway?.pid}/status`, 'utf8');
    const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
    return { resident: kib('VmRSS') / 1024, peak: kib('VmHWM') / 1024 };
  };
  return {
    processes: { startRelay: () => ownProcess.startRelay(30_000), startGateway: start },
    memory,
    descriptors: () => readdirSync(`/proc/${gateway?.pid}/fd`).length,
    kill: async () => {
      if (!gateway) return;
      const ended = once(gateway, 'exit');
      gateway.kill('SIGKILL');
      await ended;
    },
    startMs: () => startMs,
  };
}
