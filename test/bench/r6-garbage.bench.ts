// R6: garbage at every port of a running trial before any authentication: random bytes, broken HTTP and JSON, oversized and slow bodies.
// Afterwards the next technician must get in as before.

import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { enter } from '../../apps/cli/src/story/enter.js';
import { grant } from '../../apps/cli/src/story/grant.js';
import { endChildren, serveRole } from '../scenarios/enclave/own-processes.js';
import { fromOutside } from '../scenarios/trial/from-outside.js';
import { type GarbageReport, garbageAtEveryPort, machineMiB } from '../scenarios/trial/garbage.js';
import { interlockUp, STARTS_WITHIN, type Up } from '../scenarios/trial/interlock-up.js';
import { recorded } from '../scenarios/trial/processes.js';
import { garbageAtTheDoor } from './garbage-at-the-door.js';
import { garbageAtTheGateway } from './garbage-at-the-gateway.js';

const quick = process.argv.includes('--quick');
const ROUNDS = quick ? 1 : 10;
const began = performance.now();
const round = (value: number) => Math.round(value * 10) / 10;

/** Whether a technician still gets a grant, a session and an answer of the machine. */
async function storyGoesOn(data: string): Promise<boolean> {
  const { context } = fromOutside(data);
  await grant.run(context);
  const { shown } = await enter.run(context);
  return shown[0]?.includes('"press-7"') === true;
}

function answer(told: GarbageReport, up: Up, storyAfter: boolean) {
  return {
    id: 'R6',
    figures: { inputs: told.inputs, crashes: told.crashed.length, peakMiB: round(told.peakMiB) },
    conditions: {
      area: 'story',
      cases: told.inputs,
      rounds: ROUNDS,
      ports: told.ports,
      crashed: told.crashed,
      portsSilentAfterwards: told.silent,
      serversThatBlamedThemselves: told.blamedItself,
      mostThatOneProcessGrewMiB: round(told.grownMiB),
      processesLost: up.said().split('ended by itself').length - 1,
      technicianGetsInAfterwards: storyAfter,
      machineMiB: round(machineMiB()),
      cores: availableParallelism(),
      node: process.version,
    },
    peers: {},
    seconds: round((performance.now() - began) / 1_000),
  };
}

async function measure() {
  const folder = mkdtempSync(join(tmpdir(), 'interlock-r6-'));
  const data = join(folder, 'data');
  const up = await interlockUp({ dir: data, args: ['--through', '4'] });
  try {
    await up.says(/The trial stays up until Ctrl-C/, 2 * STARTS_WITHIN);
    const everybody = [...recorded(data).values()].filter(({ name }) => name !== 'initdb');
    const told = await garbageAtEveryPort(everybody, ROUNDS);
    return answer(told, up, await storyGoesOn(data));
  } finally {
    up.send('SIGINT');
    await up.ended();
    rmSync(folder, { recursive: true, force: true });
  }
}

const role = process.argv.indexOf('--role');
if (role > 0) await serveRole(process.argv[role + 1] ?? '');
else {
  process.once('exit', endChildren);
  const area = process.argv[process.argv.indexOf('--area') + 1];
  const areas: Readonly<Record<string, () => Promise<object>>> = {
    gateway: () => garbageAtTheGateway(quick),
    data: () => garbageAtTheDoor(quick),
  };
  const figures = await (areas[area ?? ''] ?? measure)();
  process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
}
