// P1: `decide` over the index of live rights, as the decision service asks it: find the right, hand its chain to `decide`.
// Everything is made from a fixed seed; every question is a new object with strings of its own, and no answer is kept.

import { availableParallelism } from 'node:os';
import { type Ask, answer, LiveRights, type RightFacts } from '@interlock/domain';
import { aLiveWorld, type World } from './decisions/live-world.js';

const SIZES = [1_000, 10_000, 100_000, 1_000_000] as const;
const quick = process.argv.includes('--quick');
const ASKS = quick ? 100_000 : 400_000;
const ROUNDS = quick ? 3 : 5;
const round = (value: number, digits = 0): number => Number(value.toFixed(digits));

const used = (): number => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

function rate(world: World, rights: LiveRights, asks: readonly Ask[]): { perSecond: number; denied: number } {
  let denied = 0;
  const began = performance.now();
  for (const ask of asks) if (!answer(rights, ask.resource.owner, ask, world.now).decision.allowed) denied += 1;
  return { perSecond: asks.length / ((performance.now() - began) / 1_000), denied: denied / asks.length };
}

function measure(size: number) {
  const world = aLiveWorld();
  const rights = new LiveRights();
  const before = used();
  for (const under of world.unders) rights.setUnder(under);
  const shared = used();
  const add = (right: RightFacts, holds: Parameters<LiveRights['add']>[1]) => rights.add(right, holds);
  for (let at = 0; at < size; at += 1) world.addRight(at, add);
  const bytesPerGrant = (used() - shared) / size;
  const rates: number[] = [];
  let denied = 0;
  for (let turn = 0; turn <= ROUNDS; turn += 1) {
    const asks = world.asks(ASKS, size, turn);
    globalThis.gc?.();
    const one = rate(world, rights, asks);
    // The first round is for the compiler.
    if (turn > 0) rates.push(one.perSecond);
    denied = one.denied;
  }
  rates.sort((a, b) => a - b);
  return {
    size,
    perSecond: rates[rates.length >> 1] ?? 0,
    bytesPerGrant,
    denied,
    agreementsMiB: (shared - before) / 1_048_576,
  };
}

const began = performance.now();
// Once over for the compiler: the first size must not be the one that is measured cold.
measure(1_000);
const taken = SIZES.map(measure);
const at = (size: number) => taken.find((one) => one.size === size);
const [small, large] = [at(1_000), at(1_000_000)];
const answerLine = {
  id: 'P1',
  figures: {
    perSecondAt1e3: round(small?.perSecond ?? 0),
    perSecondAt1e6: round(large?.perSecond ?? 0),
    growth: round((large?.perSecond ?? 0) / (small?.perSecond ?? 1), 3),
    bytesPerGrant: round(large?.bytesPerGrant ?? 0),
  },
  conditions: {
    perSecond: Object.fromEntries(taken.map((one) => [one.size, round(one.perSecond)])),
    bytesPerGrant: Object.fromEntries(taken.map((one) => [one.size, round(one.bytesPerGrant)])),
    denied: round(large?.denied ?? 0, 3),
    organisations: 1_000,
    agreements: aLiveWorld().unders.length,
    windows: 'open now, over, to come, recurring with one open, recurring with none open',
    subjects: 'uniformly random, a new question object with strings of its own each time',
    asksPerRound: ASKS,
    rounds: ROUNDS,
    memory: 'heap and typed arrays after a full collection, index and rights, without the agreements',
    cores: availableParallelism(),
    coresUsed: 1,
    node: process.version,
  },
  seconds: round((performance.now() - began) / 1_000, 1),
};
process.stdout.write(`${JSON.stringify(answerLine)}\n`);
