// R3: every write broken twice, lost and done but reported as failed. Each effect exactly once, counted where it takes effect.

import { createHash } from 'node:crypto';
import { cpus } from 'node:os';
import { areasAsked, isQuick } from './area.js';
import { auditFaults } from './faults/audit-faults.js';
import { dataFaults } from './faults/data-faults.js';

const started = performance.now();
const quick = isQuick();
const seed = Number(process.env.R3_SEED ?? 1);
let drawn = 0;
/** The same numbers for the same seed: what went wrong once can be played again. */
const draw = () => createHash('sha256').update(`${seed} ${++drawn}`).digest().readUInt32BE(0) / 2 ** 32;

let faults = 0;
let wrongEffects = 0;
const conditions: Record<string, object> = {};
for (const [area, run] of areasAsked('R3', {
  audit: () => auditFaults(quick ? 250 : 3_000, draw),
  data: () => dataFaults(quick ? 300 : 6_000, draw),
})) {
  const done = await run();
  faults += done.faults;
  wrongEffects += done.wrongEffects;
  conditions[area] = done.conditions;
}
console.log(
  JSON.stringify({
    id: 'R3',
    figures: { faults, wrongEffects },
    conditions: { ...conditions, seed, quick, cores: cpus().length },
    peers: {},
    seconds: (performance.now() - started) / 1_000,
  }),
);
process.exit(wrongEffects === 0 ? 0 : 1);
