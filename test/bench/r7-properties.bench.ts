// R7: rules of libs/ against oracles that import nothing of libs/. An area is one file in test/bench/properties, entered in areas.ts.

import { availableParallelism } from 'node:os';
import { areasAsked, isQuick } from './area.js';
import { PROPERTIES } from './properties/areas.js';
import { type Property, type PropertyArea, randomOf } from './properties/property.js';

const CASES = isQuick() ? 10_000 : 100_000;
const SEED = 20_261_122;
const began = performance.now();
const disagreements: string[] = [];
const properties: Record<string, { cases: number; disagreements: number }> = {};

function judge(name: string, property: Property): void {
  const before = disagreements.length;
  for (let at = 0; at < CASES; at += 1) {
    const said = property(randomOf(SEED + at));
    if (said !== undefined) disagreements.push(`${name} seed ${SEED + at}: ${said}`);
  }
  properties[name] = { cases: CASES, disagreements: disagreements.length - before };
}

const chosen = areasAsked<PropertyArea>('R7', PROPERTIES);
for (const [area, own] of chosen)
  for (const [name, property] of Object.entries(own)) judge(`${area} ${name}`, property);

const answer = {
  id: 'R7',
  figures: {
    cases: Math.min(...Object.values(properties).map((one) => one.cases)),
    disagreements: disagreements.length,
  },
  conditions: {
    area: chosen.map(([area]) => area).join(','),
    quick: isQuick(),
    seed: SEED,
    properties,
    first: disagreements.slice(0, 5),
    cores: availableParallelism(),
    node: process.version,
  },
  peers: {},
  seconds: Math.round((performance.now() - began) / 100) / 10,
};
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(disagreements.length === 0 ? 0 : 1));
