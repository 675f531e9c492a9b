// P4: from a login proof in hand to the first byte from the machine, through the broker's admission, relay and gateway, each time over new TLS
// connections and with nothing of the chain remembered; against the same machine reached directly plus one new HTTPS round trip.

import { once } from 'node:events';
import { createServer, request } from 'node:https';
import { connect } from 'node:net';
import { availableParallelism } from 'node:os';
import { makeLeaf } from '@interlock/company-side';
import { newPrivateKey } from '@interlock/proof';
import { aLoad, type Load } from '../scenarios/enclave/a-load.js';
import { endChildren, ownProcesses, serveRole } from '../scenarios/enclave/own-processes.js';

const quick = process.argv.includes('--quick');
const OPENINGS = quick ? 30 : 200;
const WARM_UP = 5;

/** A server that answers over TLS 1.3, a new connection for every question. */
async function anHttpsServer(): Promise<number> {
  const leaf = await makeLeaf(newPrivateKey('P-256'), Date.now());
  const server = createServer({ ...leaf, minVersion: 'TLSv1.3' }, (_request, response) => response.end('{}'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

async function direct(machinePort: number, httpsPort: number): Promise<number> {
  const began = performance.now();
  const asked = request({ host: '127.0.0.1', port: httpsPort, agent: false, rejectUnauthorized: false }).end();
  const [response] = (await once(asked, 'response')) as [NodeJS.ReadableStream];
  response.resume();
  await once(response, 'end');
  const socket = connect(machinePort, '127.0.0.1');
  socket.write('x');
  await once(socket, 'data');
  const took = performance.now() - began;
  socket.destroy();
  return took;
}

async function opening(load: Load): Promise<number> {
  const began = performance.now();
  const one = await load.enter();
  const took = performance.now() - began;
  one.end();
  await one.dead;
  return took;
}

const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN;
const round = (value: number): number => Number(value.toFixed(2));

async function measure() {
  const began = performance.now();
  const load = await aLoad(ownProcesses);
  const httpsPort = await anHttpsServer();
  const times = { tunnel: [] as number[], direct: [] as number[] };
  for (let turn = -WARM_UP; turn < OPENINGS; turn++) {
    // In turns, so that a noisy machine is noisy for both.
    const [tunnel, plain] = [await opening(load), await direct(load.machinePort, httpsPort)];
    if (turn < 0) continue;
    times.tunnel.push(tunnel);
    times.direct.push(plain);
  }
  await load[Symbol.asyncDispose]();
  const [p50Ms, directP50Ms] = [quantile(times.tunnel, 0.5), quantile(times.direct, 0.5)];
  return {
    id: 'P4',
    figures: { p50Ms: round(p50Ms), directP50Ms: round(directP50Ms), ratio: round(p50Ms / directP50Ms) },
    conditions: {
      openings: OPENINGS,
      path: "admission over HTTP without the broker's own services, relay, gateway, machine; the chain is verified anew at both ends",
      evidence: 'the allow record is on disk with fsync before the first byte',
      processes: 'gateway, relay, and one for connector, machine and broker',
      grants: 1,
      cores: availableParallelism(),
      node: process.version,
    },
    peers: {
      'TCP and one HTTPS round trip': { p50Ms: round(directP50Ms), p99Ms: round(quantile(times.direct, 0.99)) },
    },
    seconds: round((performance.now() - began) / 1_000),
  };
}

const at = process.argv.indexOf('--role');
if (at > 0) await serveRole(process.argv[at + 1] ?? '');
else {
  process.once('exit', endChildren);
  const answer = await measure();
  process.stdout.write(`${JSON.stringify(answer)}\n`);
  process.exit(0);
}
